/** Compiled code is kept between processes, and never prevents a start. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startReplica } from '../../bench/fleet/replica.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { FIXED_YOUNG_GENERATION } from '../../bench/processes/v8-flags.ts';
import { freshSecrets, testUsers } from '../support/servers.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-compiled-'));
const compiled = join(root, 'compiled');
let janitor: Janitor;

beforeAll(async () => {
  janitor = await Janitor.start();
});
afterAll(async () => {
  await janitor.finish();
  rmSync(root, { recursive: true, force: true });
});

const start = (folder: string) =>
  startReplica({
    start: { arm: 'jwt-hs256', host: '127.0.0.1', port: 0, secrets: freshSecrets(), users: testUsers() },
    janitor,
    compiled: folder,
    onDeath: () => {},
  });

async function startAndStop(folder: string): Promise<void> {
  const replica = await start(folder);
  // Once it answers, everything that follows its ready message is done.
  await replica.telemetry();
  await replica.stop();
}

const files = () =>
  readdirSync(compiled, { recursive: true, encoding: 'utf8' })
    .map((name) => join(compiled, name))
    .filter((path) => statSync(path).isFile());

const contents = () => new Map(files().map((path) => [path, readFileSync(path).toString('base64')]));

it('keeps the code of a replica that is killed, and adds nothing the second time', async () => {
  await startAndStop(compiled);
  const kept = contents();
  expect(kept.size).toBeGreaterThan(100);
  await startAndStop(compiled);
  expect(contents()).toEqual(kept);
});

it('starts with damaged files, and replaces them', async () => {
  const kept = new Set(files());
  for (const [i, path] of files().entries()) {
    if (i % 3 === 0) truncateSync(path, 0);
    else if (i % 3 === 1) truncateSync(path, Math.floor(statSync(path).size / 2));
    else writeFileSync(path, 'x'.repeat(statSync(path).size));
  }
  await startAndStop(compiled);
  expect(new Set(files())).toEqual(kept);
  const repaired = contents();
  await startAndStop(compiled);
  expect(contents()).toEqual(repaired);
});

it('starts without a writable folder', async () => {
  const file = join(root, 'a file');
  writeFileSync(file, '');
  await startAndStop(join(file, 'compiled'));
});

it('fixes the size of the young generation, which would otherwise depend on allocations at start', async () => {
  const replica = await start(compiled);
  const [, ...flags] = readFileSync(`/proc/${replica.pid}/cmdline`, 'utf8').split('\0');
  await replica.stop();
  expect(flags.slice(0, FIXED_YOUNG_GENERATION.length)).toEqual(FIXED_YOUNG_GENERATION);
  // The minimum equals the maximum.
  const sizes = FIXED_YOUNG_GENERATION.map((flag) => /^--(min|max)-semi-space-size=(\d+)$/.exec(flag));
  expect(sizes.map((parts) => parts?.[1])).toEqual(['min', 'max']);
  expect(new Set(sizes.map((parts) => parts?.[2])).size).toBe(1);
});

it('keeps one complete set if two processes start at once', async () => {
  rmSync(compiled, { recursive: true });
  await Promise.all([startAndStop(compiled), startAndStop(compiled)]);
  const kept = contents();
  expect(kept.size).toBeGreaterThan(100);
  await startAndStop(compiled);
  expect(contents()).toEqual(kept);
});
