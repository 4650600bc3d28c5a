/** Follows the example of CONTRIBUTING.md in a copy of the servers, so that nothing here changes. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXPERIMENTS } from '../bench/experiments/registry.ts';
import { ArmList } from '../servers/contract.ts';

const ROOT = join(import.meta.dirname, '..');
const bin = (name: string) => join(ROOT, 'node_modules', '.bin', name);

const CONTRACT_TEST = `
import { afterAll, beforeAll, describe } from 'vitest';
import { findArm } from '../servers/arms.ts';
import { describeContract } from './support/contract.ts';
import { startRedis, type TestRedis } from './support/redis.ts';
import { freshSecrets, testUsers } from './support/servers.ts';

const arm = findArm('opaque-redis');
if (arm === undefined) throw new Error('the registry does not list the example');
let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
describe('the example', () => {
  const [secrets, users] = [freshSecrets(), testUsers()];
  describeContract({ arm, secrets, users, address: () => ({ url: redis.url, keyPrefix: 'example:' }) });
});
`;

interface Example {
  readonly scheme: string;
  readonly entry: string;
  /** The experiments that, according to the page, measure the arm. */
  readonly measuredIn: readonly string[];
}

function exampleIn(markdown: string): Example {
  const [, after = ''] = markdown.split('### A worked example: an arm');
  const section = after.split(/^## /m)[0] ?? '';
  const blocks = [...section.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
  expect(blocks).toHaveLength(2);
  const [scheme = '', entry = ''] = blocks;
  const [, listed = ''] = /measures\s`opaque-redis` in: ([^.]*)\./.exec(section) ?? [];
  return { scheme, entry, measuredIn: [...listed.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name) };
}

let copy: string;
let measuredIn: readonly string[];
beforeAll(() => {
  const { scheme, entry, ...more } = exampleIn(readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8'));
  measuredIn = more.measuredIn;
  copy = mkdtempSync(join(tmpdir(), 'tollgate-test-example-'));
  const notTests = (path: string) => !path.endsWith('.test.ts');
  cpSync(join(ROOT, 'servers'), join(copy, 'servers'), { recursive: true, filter: notTests });
  mkdirSync(join(copy, 'test', 'support'), { recursive: true });
  cpSync(join(ROOT, 'bench'), join(copy, 'bench'), { recursive: true, filter: notTests });
  cpSync(join(ROOT, 'core'), join(copy, 'core'), { recursive: true, filter: notTests });
  for (const file of ['companions.ts', 'contract.ts', 'janitor.ts', 'postgres.ts', 'redis.ts', 'servers.ts']) {
    cpSync(join(ROOT, 'test', 'support', file), join(copy, 'test', 'support', file));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
  const config = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')) as object;
  writeFileSync(join(copy, 'tsconfig.json'), JSON.stringify({ ...config, include: ['servers', 'test'] }));

  writeFileSync(join(copy, 'servers', 'schemes', 'opaque.ts'), scheme);
  const registry = join(copy, 'servers', 'arms', 'sessions.ts');
  const before = readFileSync(registry, 'utf8');
  const after = before.replace(/^\];$/m, `${entry}];`);
  expect(after.length - before.length).toBe(entry.length);
  writeFileSync(registry, after);
  writeFileSync(join(copy, 'test', 'example.test.ts'), CONTRACT_TEST);
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** @returns its output, preceded by its exit code */
function ran(command: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: copy, encoding: 'utf8', env: bare() });
  return `exit ${status}\n${stdout}${stderr}`;
}

/** Vitest's own settings must not reach the instance that is started here. */
function bare(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV|NODE_OPTIONS|TEST)/.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: '1' };
}

it('the example is one file and one entry, and its types are right', () => {
  expect(ran(bin('tsc'), ['--noEmit', '-p', '.', '--checkers', '1'])).toBe('exit 0\n');
});

it('the example is listed among the arms, and passes the endpoint contract', () => {
  const list = ran(process.execPath, ['servers/process/describe.ts']);
  expect(list).toContain('opaque-redis');
  const tests = ran(bin('vitest'), ['run', '--root', copy, '--testTimeout', '60000', '--hookTimeout', '60000']);
  expect(tests).toMatch(/^exit 0\n/);
  expect(tests).toMatch(/Tests +\d{2,} passed/);
});

it('the example is measured by the experiments that the page lists, with no change to them', () => {
  const { stdout } = spawnSync(process.execPath, ['servers/process/describe.ts'], { cwd: copy, encoding: 'utf8' });
  const { arms } = Value.Parse(ArmList, JSON.parse(stdout));
  const measuring = EXPERIMENTS.filter(({ defaultArms }) => defaultArms(arms, 'full').includes('opaque-redis'));
  expect(measuring.length).toBeGreaterThan(0);
  expect(measuring.map(({ name }) => name)).toEqual(measuredIn);
});
