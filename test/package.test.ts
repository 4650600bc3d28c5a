/** The package, installed into an empty folder. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../core/results/schema.ts';
import { npmEnvironment } from '../scripts/frameworks/examples.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const MOST_BYTES = 1_600_000;
const WITHIN_MS = 240_000;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command, run in a user's folder. */
async function type(cwd: string, program: string, ...args: string[]): Promise<Ended> {
  const env = { ...npmEnvironment(), NO_COLOR: '1' };
  try {
    return {
      code: 0,
      ...(await promisify(execFile)(program, args, { cwd, env, timeout: WITHIN_MS, maxBuffer: 1e8 })),
    };
  } catch (error) {
    const { code, stdout = '', stderr = String(error) } = error as Partial<Ended>;
    return { code: typeof code === 'number' ? code : -1, stdout, stderr };
  }
}

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

let root: string;
let project: string;
let packed: Packed;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tollgate-test-package-'));
  project = join(root, 'project');
  mkdirSync(project);
  const { code, stdout, stderr } = await type(ROOT, 'npm', 'pack', '--json', '--pack-destination', root);
  expect(code, stderr).toBe(0);
  [packed] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [Packed];
  writeFileSync(join(project, 'package.json'), '{"name": "project", "private": true, "type": "module"}');
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', join(root, packed.filename)];
  const installed = await type(project, 'npm', ...install);
  expect(installed.code, installed.stderr).toBe(0);
}, 600_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const tollgate = (...args: string[]) => type(project, 'npx', '--no-install', 'tollgate', ...args);

it('is small, and contains what it needs and no test', () => {
  expect(packed.size).toBeLessThan(MOST_BYTES);
  const paths = packed.files.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      'dist/cli/main.js',
      'dist/servers/process/replica.js',
      'dist/servers/testing/mutant-replica.js',
      'dist/bench/load/process.js',
      'dist/reports/reference/reference.json.gz',
      'dist/library/gate.d.ts',
      'prices.schema.json',
      'service.schema.json',
    ]),
  );
  expect(
    paths.filter((path) => /\.test\.|(?<!servers\/)testing\/|(?<!\.d)\.ts$|reports\/sample\/|\.map$/.test(path)),
  ).toEqual([]);
});

it('lists its commands in the form for npx', async () => {
  const { code, stdout } = await tollgate('--help');
  expect(code).toBe(0);
  expect(stdout).toContain('Usage: npx tollgate COMMAND [flags]');
  expect(stdout).not.toContain('npm run');
});

it('measures, and writes a report whose commands work for its reader', async () => {
  // Besides the toll, `hot-path` times only the primitives of the measured arms.
  const flags = ['--experiments', 'toll,hot-path', '--arms', 'none,jwt-hs256', '--budget', '2s', '--out', 'run'];
  const { code, stderr } = await tollgate('bench', ...flags);
  expect(code, stderr).toBe(0);
  const run = JSON.parse(readFileSync(join(project, 'run/run.json'), 'utf8')) as Run;
  expect(new Set(run.figures.map(({ experiment }) => experiment))).toEqual(new Set(['toll', 'hot-path']));
  expect(run.environment.packages).toMatchObject({ fastify: expect.any(String), 'fast-jwt': expect.any(String) });
  expect(run.environment.gitCommit).toBeNull();
  expect(run.commandLine).toMatch(/^npx tollgate bench --experiments toll,hot-path/);
  const page = readFileSync(join(project, 'run/report.html'), 'utf8');
  expect(page).toContain('npx tollgate ');
  expect(page).not.toContain('npm run ');
});

it.each(['bisect', 'compare', 'docs', 'reference', 'sample', 'secrets', 'precision'])(
  'says that %s needs a checkout',
  async (command) => {
    const args = { bisect: ['--good', 'a'], compare: ['--base', 'a'], reference: ['run'] }[command] ?? [];
    // The program that npx would start, without the time npx takes.
    const { code, stderr } = await type(project, join(project, 'node_modules/.bin/tollgate'), command, ...args);
    expect(stderr).toBe(
      `tollgate: ${command} needs a checkout of the Tollgate repository, but this is the installed package\n  clone the repository, and run it there\n`,
    );
    expect(code).toBe(2);
  },
);

it('is a typed library', async () => {
  writeFileSync(
    join(project, 'use.ts'),
    `import { checkService, type ServiceConfig } from 'tollgate/gate';
import { pairedLoad, type Side } from 'tollgate/load';
import { solveClosed } from 'tollgate/model/closed';
import { hodgesLehmann } from 'tollgate/stats/location';

export const check: (config: ServiceConfig) => Promise<{ readonly failed: readonly string[] }> = checkService;
export const load: (sides: readonly Side[]) => Promise<readonly { readonly name: string }[]> = pairedLoad;
export const value: number = hodgesLehmann([1, 2, 9]);
// @ts-expect-error a configuration needs a login
export const wrong: ServiceConfig = { name: 'shop', requests: { guarded: { path: '/' } }, users: [] };
console.log(typeof solveClosed, value);
`,
  );
  const options = { module: 'nodenext', target: 'es2024', strict: true, types: ['node'], skipLibCheck: false };
  const paths = { rootDir: '.', outDir: 'out', typeRoots: [join(ROOT, 'node_modules/@types')] };
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...options, ...paths }, files: ['use.ts'] }),
  );
  const compiled = await type(project, process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc'));
  expect(compiled.stdout).toBe('');
  expect(compiled.code).toBe(0);
  expect((await type(project, process.execPath, 'out/use.js')).stdout).toBe('function 3.5\n');
});

describe('the example of a suite', () => {
  it('runs the security checks on its own application', async () => {
    const example = join(project, 'express-vitest');
    // Below the project, where Node also finds the installed package.
    cpSync(join(ROOT, 'examples/express-vitest'), example, {
      recursive: true,
      filter: (source) => !source.includes('node_modules'),
    });
    const installed = await type(example, 'npm', 'ci', '--prefer-offline', '--no-audit', '--no-fund');
    expect(installed.code, installed.stderr).toBe(0);
    expect(existsSync(join(example, 'node_modules/tollgate'))).toBe(false);
    const { code, stdout, stderr } = await type(example, 'npm', 'test');
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/Tests\s+1 passed/);
  });
});
