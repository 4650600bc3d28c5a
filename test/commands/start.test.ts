/** How a command of a checkout starts: with the compile cache on before the first TypeScript. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { compileCache } from '../../core/compile-cache.ts';

const COMMANDS = join(import.meta.dirname, '../../cli');

let folder: string;
let watcher: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-start-'));
  watcher = join(folder, 'watcher.cjs');
  writeFileSync(
    watcher,
    `const { getCompileCacheDir } = require('node:module');
    process.on('exit', () => {
      const stripper = process.moduleLoadList.some((name) => name.includes('amaro'));
      process.stderr.write(JSON.stringify({ stripper, cache: getCompileCacheDir() ?? null }));
    });`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Whether the process loaded the code that strips types, and where its compile cache is. */
function start(entry: string, env: NodeJS.ProcessEnv): { readonly stripper: boolean; readonly cache: string | null } {
  const { stderr } = spawnSync(process.execPath, ['--require', watcher, join(COMMANDS, entry), '--help'], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return JSON.parse(stderr);
}

it('strips types only the first time, unless a TypeScript file is the entry', () => {
  const env = { NODE_COMPILE_CACHE: '' };
  const own = { ...env, NODE_COMPILE_CACHE: join(folder, 'cache') };
  expect(start('start.js', own).stripper).toBe(true);
  expect(start('start.js', own).stripper).toBe(false);
  start('main.ts', env);
  expect(start('main.ts', env).stripper).toBe(true);
});

it('caches where the processes of a run do', () => {
  const without = { NODE_COMPILE_CACHE: '' };
  const { cache } = start('start.js', without);
  expect(cache).not.toBeNull();
  expect(cache).toBe(start('main.ts', without).cache);
  // Node adds a folder for its build.
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('NODE_COMPILE_CACHE', '');
  expect(dirname(cache ?? '')).toBe(compileCache());
});

const helpWith = (cache: string) =>
  new Promise<string>((resolve, reject) => {
    const env = { ...process.env, NODE_COMPILE_CACHE: cache };
    execFile(process.execPath, [join(COMMANDS, 'start.js'), '--help'], { env }, (error, stdout) =>
      error === null ? resolve(stdout.slice(0, 17)) : reject(error),
    );
  });

it('works with a cache that cannot be written, is damaged, or is written by several processes at once', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(await helpWith(join(file, 'cache'))).toBe('Tollgate measures');
  const shared = join(folder, 'shared');
  const all = await Promise.all([1, 2, 3].map(() => helpWith(shared)));
  expect(all).toEqual(['Tollgate measures', 'Tollgate measures', 'Tollgate measures']);
  const cached = readdirSync(shared, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(cached.length).toBeGreaterThan(5);
  for (const { parentPath, name } of cached) writeFileSync(join(parentPath, name), 'damaged');
  expect(await helpWith(shared)).toBe('Tollgate measures');
});
