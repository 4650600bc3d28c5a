import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readJournalFile } from '../../core/results/journal.ts';
import type { Metric } from '../../core/results/metrics.ts';
import { readRun } from '../../core/results/run-file.ts';
import type { Figure, Run } from '../../core/results/schema.ts';
import { startBench } from '../support/bench-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-costs-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What must hold for any run, however busy the machine: all answers are as expected, and every interval contains its value. */
async function runOf(experiment: string, arms: string): Promise<Run> {
  const directory = join(root, experiment);
  const args = ['bench', '--experiments', experiment, '--arms', arms, '--budget', '4s', '--seed', '7'];
  const { code, stderr } = await startBench([...args, '--out', directory], {}, root).ended;
  expect(stderr).not.toContain('failed');
  expect(code).toBe(0);
  const run = readRun(directory);
  expect(run.experiments[0]).toMatchObject({ name: experiment, unexpected: 0, error: null });
  for (const { low, value, high } of run.figures) {
    expect(low).toBeLessThanOrEqual(value);
    expect(value).toBeLessThanOrEqual(high);
  }
  return run;
}

function theOne(run: Run, arm: string | null, metric: Metric, factors: Figure['factors'] = {}): number {
  const found = run.figures.filter(
    (figure) =>
      figure.arm === arm &&
      figure.metric === metric &&
      Object.entries(factors).every(([name, value]) => figure.factors[name] === value),
  );
  expect(found, `${arm} ${metric} ${JSON.stringify(factors)}`).toHaveLength(1);
  return found[0]?.value ?? Number.NaN;
}

describe('payload', () => {
  it('measures the size of a role on the wire and in Redis, and how many roles fit', async () => {
    const run = await runOf('payload', 'none,session-redis-lean,jwt-cookie');
    // 16 characters, two quotes and a comma, in base64.
    expect(theOne(run, 'jwt-cookie', 'request_bytes_per_role')).toBeCloseTo((19 * 4) / 3, 1);
    expect(theOne(run, 'session-redis-lean', 'request_bytes_per_role')).toBe(0);
    expect(theOne(run, 'session-redis-lean', 'bytes_per_session', { roles: 200 })).toBeGreaterThan(200 * 19);
    // The whole request at the limit: a cookie of 4,096 bytes, and some hundred bytes of other headers.
    const most = theOne(run, 'jwt-cookie', 'limit_roles', { limit: 'cookie' });
    const atLimit =
      theOne(run, 'jwt-cookie', 'request_bytes', { roles: 0 }) +
      theOne(run, 'jwt-cookie', 'request_bytes_per_role') * most;
    expect(atLimit).toBeGreaterThan(4_000);
    expect(atLimit).toBeLessThan(4_300);
    expect(theOne(run, 'jwt-cookie', 'limit_roles', { limit: 'header' })).toBeGreaterThan(3 * most);
    const unlimited = run.figures.filter(({ arm, metric }) => arm === 'session-redis-lean' && metric === 'limit_roles');
    expect(unlimited.map(({ flags }) => flags)).toEqual([['search-ended'], ['search-ended']]);
  });
});

describe('chain', () => {
  it('reads the store as often as its placement says, for every number of hops', async () => {
    const run = await runOf('chain', 'none,session-redis-lean,session-memory');
    expect(run.figures.filter(({ flags }) => flags.includes('declaration-broken'))).toEqual([]);
    expect(run.notes.join()).toContain('session-memory is excluded');
    const arm = 'session-redis-lean';
    for (const checks of ['edge', 'every-hop', 'auth-service']) {
      for (const hops of [1, 2, 3]) {
        expect(theOne(run, arm, 'chain_ratio', { checks, hops })).toBeGreaterThan(0);
        expect(theOne(run, arm, 'chain_latency_us', { checks, hops })).toBeGreaterThan(0);
      }
      // The points lie on a line, so any two of them give the value at ten hops.
      const [two, four, ten] = [2, 4, 10].map((hops) => theOne(run, arm, 'model_chain_toll_us', { checks, hops }));
      expect(ten).toBeCloseTo((four ?? 0) + 3 * ((four ?? 0) - (two ?? 0)), 3);
    }
    const asked = readJournalFile(join(root, 'chain', 'journal.jsonl')).lines.flatMap((line) =>
      line.kind === 'slice' && line.arm === arm && line.mode === 'paired'
        ? [[line.factors.checks, line.factors.hops, Math.round((line.measures.redis_commands ?? 0) / line.requests)]]
        : [],
    );
    const expected = ['edge', 'every-hop', 'auth-service'].flatMap((checks) =>
      [1, 2, 3].map((hops) => [checks, hops, checks === 'edge' ? 1 : hops]),
    );
    expect(new Set(asked.map(String))).toEqual(new Set(expected.map(String)));
  });
});

describe('lifecycle', () => {
  it('counts the Redis commands of login, refresh and logout, and times the password check separately', async () => {
    const run = await runOf('lifecycle', 'none,jwt-hs256,jwt-refresh');
    const commands = (arm: string, operation: string) =>
      theOne(run, arm, 'redis_commands_per_operation', { operation });
    expect(commands('jwt-hs256', 'login')).toBe(0);
    expect(commands('jwt-hs256', 'logout')).toBe(0);
    expect(commands('jwt-refresh', 'logout')).toBeGreaterThanOrEqual(2);
    // A script that reads and writes the family, and the check whether the user is disabled.
    expect(commands('jwt-refresh', 'refresh')).toBeGreaterThanOrEqual(4);
    expect(commands('jwt-refresh', 'login')).toBeGreaterThan(commands('jwt-refresh', 'refresh'));
    const [cheap, real] = ['cheap', 'real'].map((setting) => theOne(run, null, 'password_hash_cpu_us', { setting }));
    // 600 times the product of memory and passes.
    expect((real ?? 0) / (cheap ?? 1)).toBeGreaterThan(50);
    const storm = run.figures.filter(({ metric }) => metric === 'storm_latency_us');
    expect(new Set(storm.map(({ factors }) => `${factors.route} ${factors.during}`))).toEqual(
      new Set(['me calm', 'me storm', 'login storm']),
    );
  });
});

describe('layers', () => {
  it('adds the same to every arm: a limit in Redis costs three commands, TLS none', async () => {
    const run = await runOf('layers', 'none,session-redis-lean');
    for (const arm of ['none', 'session-redis-lean']) {
      expect(theOne(run, arm, 'layer_redis_commands', { layers: 'rate-limit-redis' })).toBeCloseTo(3, 9);
      expect(theOne(run, arm, 'layer_redis_commands', { layers: 'tls' })).toBeCloseTo(0, 9);
    }
    const bytes = (layers: string) => theOne(run, 'none', 'response_bytes', { layers });
    expect(bytes('tls')).toBe(bytes('bare'));
    expect(bytes('all')).toBeGreaterThan(bytes('rate-limit-redis'));
    expect(run.figures.filter(({ metric }) => metric === 'handshake_cpu_us')).toHaveLength(2);
  });
});
