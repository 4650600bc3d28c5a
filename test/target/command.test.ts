/** `npm run target`, from the command line. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SECRET, shopConfig } from '../support/shop.ts';

const CLI = join(import.meta.dirname, '../../cli/main.ts');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-test-target-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(config: object, env: NodeJS.ProcessEnv, ...args: string[]) {
  const file = join(folder, 'service.json');
  writeFileSync(file, JSON.stringify(config));
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'target', file, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...env, NO_COLOR: '1' },
  });
  return { status, stdout, stderr };
}

it('checks a sound service, exits with 0, and writes no secret', () => {
  const { value, env } = shopConfig({ kind: 'bearer' }, folder);
  const { status, stdout, stderr } = run(value, env, '--gate-only', '--out', join(folder, 'sound'));
  expect(stderr).not.toContain('tollgate:');
  expect(status).toBe(0);
  expect(stdout).toContain('no cookie carries the credential');
  const written = readFileSync(join(folder, 'sound', 'gate.json'), 'utf8');
  for (const secret of ['open-sesame', SECRET]) expect(stdout + stderr + written).not.toContain(secret);
});

it('exits with 1 for a service with a fault, and names the check', () => {
  const { value, env } = shopConfig({ kind: 'session', faults: ['httponly'] }, folder);
  const { status, stdout } = run(value, env, '--gate-only', '--json', '--out', join(folder, 'faulty'));
  expect(status).toBe(1);
  const { failed, arms } = JSON.parse(stdout) as {
    failed: string[];
    arms: { outcomes: { check: number; verdict: string }[] }[];
  };
  expect(failed).toEqual(['shop']);
  const checks = arms.flatMap(({ outcomes }) => outcomes).filter(({ verdict }) => verdict === 'fail');
  expect(checks.map(({ check }) => check)).toEqual([33]);
});

it('reports all errors of an invalid file, and refuses a remote host without its owner’s consent, before anything starts', () => {
  const { value, env } = shopConfig({ kind: 'session' }, folder);
  const wrong = run({ ...value, name: 'X', login: {} }, env, '--gate-only');
  expect(wrong.status).toBe(2);
  expect(wrong.stderr.match(/^tollgate:/gm)).toHaveLength(3);
  const { start: _, ...rest } = value;
  const other = run({ ...rest, urls: ['http://shop.test'] }, env, '--gate-only');
  expect(other.status).toBe(2);
  expect(other.stderr).toContain(
    'shop.test is not this machine: confirm that you own it with --i-own-this-host shop.test',
  );
  const elsewhere = run({ ...value, origins: ['http://login.test'] }, env);
  expect(elsewhere.status).toBe(2);
  expect(elsewhere.stderr).toContain('confirm that you own it with --i-own-this-host login.test');
  expect(elsewhere.stderr).toContain('the logins of a measurement would go to login.test without a limit');
  const builtIn = run({ ...value, name: 'none' }, env, '--gate-only');
  expect(builtIn.stderr).toContain('/name is none, the name of a built-in arm');
  const objective = run(value, env, '--slo', 'p50<9ms,p99<5ms', '--replicas', '0');
  expect(objective.status).toBe(2);
  for (const fault of ['--slo: p50 < 9 ms adds nothing to p99 < 5 ms', '--slo only affects capacity', '--replicas'])
    expect(objective.stderr).toContain(fault);
});

it('reports limits that name no arm of the run, before anything starts', () => {
  const { value, env } = shopConfig({ kind: 'session' }, folder);
  const limits = join(folder, 'limits.json');
  writeFileSync(limits, JSON.stringify({ thresholds: { shp: ['cpu_toll_us < 60'], shop: ['cpu_tol_us < 60'] } }));
  const { status, stderr } = run(value, env, '--config', limits);
  expect(status).toBe(2);
  for (const fault of ['there is no arm "shp"', 'cpu_toll_us']) expect(stderr).toContain(fault);
  expect(stderr).not.toContain('there is no arm "shop"');
});

/** Processes of a service that never gets ready, found by a mark in their arguments. */
function running(mark: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(mark) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

it.each(['SIGINT', 'SIGKILL'] as const)('leaves nothing behind after %s', async (signal) => {
  const { value, env } = shopConfig({ kind: 'session' }, folder);
  const mark = `600.${signal === 'SIGINT' ? 1 : 2}${process.pid}`;
  const command = ['sh', '-c', 'sleep "$0" & while :; do sleep 1; done', mark];
  const file = join(folder, `${signal}.json`);
  writeFileSync(file, JSON.stringify({ ...value, start: { command: [...command], readyWithinSeconds: 200 } }));
  const child = spawn(process.execPath, [CLI, 'target', file, '--gate-only'], { cwd: folder, env, stdio: 'ignore' });
  const exit = once(child, 'exit');
  await expect.poll(() => running(mark).length, { timeout: 60_000 }).toBeGreaterThan(1);
  child.kill(signal);
  const [code] = await exit;
  expect(code).toBe(signal === 'SIGINT' ? 130 : null);
  await expect.poll(() => running(mark), { timeout: 30_000 }).toEqual([]);
});
