import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startRedis } from '../../bench/fleet/redis/own.ts';
import { watcher } from '../../bench/fleet/redis/redis.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { thenEnding } from '../../core/errors.ts';
import { readRun } from '../../core/results/run-file.ts';
import type { Run } from '../../core/results/schema.ts';
import { descendants, journalLines, startBench, stillAlive, until } from '../support/bench-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tollgate-test-outage-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a Redis that Tollgate started', () => {
  it('restarts at the same address, with or without its saved data', async () => {
    const janitor = await Janitor.start();
    const redis = await startRedis(janitor);
    await thenEnding(
      async () => {
        const { faults } = redis;
        if (faults === undefined) throw new Error('it is ours alone, so it can be broken');
        const client = watcher(redis.url);
        await client.connect();
        await client.set('kept', 'yes');
        await faults.save();
        await client.set('late', 'yes');
        const before = redis.pid;
        const lost = once(client, 'end');
        await faults.kill();
        await lost;
        await faults.restart('with-data');
        expect(redis.pid).not.toBe(before);
        await client.connect();
        expect(await client.mget('kept', 'late')).toEqual(['yes', null]);
        expect(await redis.commands()).toBeGreaterThan(0);

        const lostAgain = once(client, 'end');
        await faults.kill();
        await lostAgain;
        await faults.restart('empty');
        await client.connect();
        expect(await client.dbsize()).toBe(0);

        faults.freeze();
        const answer = client.ping();
        faults.thaw();
        expect(await answer).toBe('PONG');
        client.disconnect();
      },
      () => redis.stop(),
      () => janitor.finish(),
    );
  });

  it('refuses to be restarted while it runs', async () => {
    const janitor = await Janitor.start();
    const redis = await startRedis(janitor);
    await expect(redis.faults?.restart('empty')).rejects.toThrow('while it runs');
    await redis.stop();
    await janitor.finish();
  });
});

const bench = (args: readonly string[], env?: Record<string, string | undefined>) =>
  startBench(['bench', ...args], env, root);
const OUTAGE = ['--experiments', 'outage', '--seed', '7'];
/** Whether a process exists and is stopped, as by SIGSTOP (proc(5)). */
function isStopped(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
  } catch {
    return false;
  }
}

const figuresOf = (run: Run, metric: string, factors: Record<string, string>) =>
  run.figures.filter(
    (figure) =>
      figure.metric === metric && Object.entries(factors).every(([name, level]) => figure.factors[name] === level),
  );

describe('an outage', () => {
  it('that freezes Redis for ten seconds leaves no request hung, no line lost and no process', async () => {
    const directory = join(root, 'frozen');
    // So little time that only the first fault is observed, for its full length.
    const args = [...OUTAGE, '--arms', 'none,session-redis,jwt-hs256', '--profile', 'full', '--budget', '5s'];
    const { child, ended } = bench([...args, '--out', directory]);
    await until('the fleets were up', () => journalLines(directory, 'fork').length > 0);
    const below = descendants(child.pid ?? 0);
    const { code } = await ended;
    expect(code).toBe(0);
    expect(stillAlive(below)).toEqual([]);

    const run = readRun(directory);
    expect(run.damagedLines).toEqual([]);
    const slices = journalLines(directory, 'slice');
    // Guarded, public and revoked requests of session-redis twice and of jwt-hs256; an arm without authentication revokes nothing.
    expect(slices).toHaveLength(11);
    const hung = figuresOf(run, 'requests_hung', { fault: 'redis-frozen' });
    expect(hung.map(({ value }) => value)).toEqual([0, 0, 0, 0]);
    for (const { timeline, requests } of slices as { timeline: Record<string, number[]>; requests: number }[]) {
      const outcomes = ['accepted', 'refused', 'forbidden', 'unavailable', 'other', 'error', 'timedOut'];
      const counted = outcomes.flatMap((name) => timeline[name] ?? []).reduce((sum, count) => sum + count, 0);
      expect(counted).toBe(requests);
    }
    const lasted = slices.map(({ measures }) => measures as Record<string, number>);
    for (const { fault_from_ms = 0, fault_to_ms = 0 } of lasted)
      expect(fault_to_ms - fault_from_ms).toBeGreaterThan(9_900);

    const accepted = (arm: string, route: string) =>
      figuresOf(run, 'outage_accepted_pct', { route }).filter((figure) => figure.arm === arm);
    for (const arm of ['none', 'jwt-hs256']) expect(accepted(arm, 'me').map(({ value }) => value)).toEqual([100]);
    for (const figure of accepted('session-redis', 'me')) expect(figure.value).toBeLessThan(60);
    for (const figure of accepted('session-redis', 'public')) expect(figure.value).toBe(100);
    for (const figure of run.figures) expect(figure.flags).not.toContain('declaration-broken');
  });

  it('reports how long requests were held until Redis was reachable again', async () => {
    const directory = join(root, 'held');
    // However long the start takes, it does not skip the fault, after which it is interrupted.
    const args = [...OUTAGE, '--arms', 'none,session-redis', '--budget', '1h', '--out', directory];
    const { child, ended } = bench(args);
    const ofEmpty = () =>
      journalLines(directory, 'slice').filter(
        ({ factors }) => (factors as Record<string, string>).fault === 'redis-restarted-empty',
      );
    await until('Redis had been restarted empty', () => ofEmpty().length > 0);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    const run = readRun(directory);
    const of = (metric: string, redis_client: string) => {
      const found = figuresOf(run, metric, { fault: 'redis-restarted-empty', redis_client });
      return found.map(({ value, high }) => ({ value, high }))[0] ?? { value: Number.NaN, high: Number.NaN };
    };
    expect(of('outage_away_ms', 'defaults').value).toBeGreaterThanOrEqual(2_200);
    // Every request waits between reconnection attempts of the library's client, of which there are five in that time.
    expect(of('requests_held', 'defaults').value).toBeGreaterThan(0);
    const { value, high } = of('recovery_ms', 'defaults');
    expect(high).toBeGreaterThan(0);
    expect(value).toBeLessThanOrEqual(high);
    // Held requests are answered, or fail, once the server has reconnected.
    expect(of('held_settled_ms', 'defaults').value).toBeGreaterThan(0);
  });

  it('can be interrupted by Ctrl-C while Redis is frozen, and leaves nothing running', async () => {
    const directory = join(root, 'interrupted');
    const args = [
      ...OUTAGE,
      '--arms',
      'session-redis-lean',
      '--profile',
      'full',
      '--budget',
      '60s',
      '--out',
      directory,
    ];
    const { child, ended } = bench(args);
    const frozen = () => descendants(child.pid ?? 0).some(({ pid }) => isStopped(pid));
    await until('Redis was frozen', frozen);
    const below = descendants(child.pid ?? 0);
    child.kill('SIGINT');
    const { code } = await ended;
    expect(code).toBe(130);
    expect(stillAlive(below)).toEqual([]);
  });

  it('never breaks a Redis that Tollgate did not start, and says so', async () => {
    const janitor = await Janitor.start();
    const redis = await startRedis(janitor);
    await thenEnding(
      async () => {
        const directory = join(root, 'shared');
        const args = [...OUTAGE, '--arms', 'session-redis-lean', '--budget', '5s', '--out', directory];
        const { code, stderr } = await bench(args, { REDIS_URL: redis.url }).ended;
        expect(code).toBe(0);
        expect(stderr).toContain('outage: Redis faults are excluded, because');
        const run = readRun(directory);
        expect(run.notes.join(' ')).toContain('unset REDIS_URL');
        const faults = new Set(run.figures.map(({ factors }) => factors.fault));
        expect([...faults]).toEqual(['replica-killed']);
        const [recovery] = figuresOf(run, 'recovery_ms', { fault: 'replica-killed' });
        expect(recovery?.flags).not.toContain('still-broken');
        const [lost] = figuresOf(run, 'credentials_lost_pct', { fault: 'replica-killed' });
        expect(lost?.value).toBe(0);
      },
      () => redis.stop(),
      () => janitor.finish(),
    );
  });
});
