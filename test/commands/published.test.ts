/** `npm run published` with real servers: one short replay, and an interruption by Ctrl-C. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { descendants, startBench, stillAlive, until } from '../support/bench-process.ts';
import { notedServer } from '../support/redis.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-published-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('counts the bytes that clients of each arm send after login', async () => {
  const server = notedServer(root);
  const args = ['published', '--only', 'okta-size', '--json', '--store-server', server.path];
  const { code, stdout, stderr } = await startBench(args).ended;
  expect(code, stderr).toBe(0);
  // Once for identification, and once for the arm with sessions.
  expect(server.starts()).toBe(2);
  rmSync(root, { recursive: true });
  mkdirSync(root);
  const { findings, benchmarks } = JSON.parse(stdout) as {
    findings: { name: string; value: number; low: number; high: number; blocks: number }[];
    benchmarks: { name: string }[];
  };
  expect(benchmarks.map(({ name }) => name)).toEqual(['okta-size']);
  const value = (name: string) => findings.find((one) => one.name === name)?.value ?? Number.NaN;
  // A cookie of a random id with its signature: more than six bytes. An RSA signature of 2,048 bits has 299 more characters
  // in base64url than an HMAC of 256 bits: 342 against 43.
  expect(value('session-bytes')).toBeGreaterThan(40);
  expect(value('hs256-bytes')).toBeGreaterThan(value('session-bytes'));
  expect(value('rs256-bytes') - value('hs256-bytes')).toBeCloseTo(299, 0);
  expect(value('hs256-bytes-over-session')).toBeCloseTo(value('hs256-bytes') / value('session-bytes'), 3);
});

it('ends at once when it is interrupted, and leaves nothing', async () => {
  const { child, ended } = startBench(['published', '--only', 'ace-auth'], { TMPDIR: root });
  const pid = child.pid ?? 0;
  await until('a replica', () =>
    descendants(pid).some(({ command }) => command.includes('servers/process/replica.ts')),
  );
  const started = descendants(pid);
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  expect(code).toBe(130);
  expect(stdout).toBe('');
  await until('the end of all processes', () => stillAlive(started).length === 0);
  await until('an empty folder', () => readdirSync(root).length === 0);
});

it('reports all errors of a command line before it starts anything', async () => {
  const { code, stderr } = await startBench(['published', '--only', 'okta-siz', '--write', '--seed', '-1']).ended;
  expect(code).toBe(2);
  expect(stderr).toContain('--only: "okta-siz" is unknown: did you mean okta-size?');
  expect(stderr).toContain('--seed: "-1" must be a whole number');
  expect(stderr).toContain('--write needs all benchmarks');
});
