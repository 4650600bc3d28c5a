/** Computes figures from samples with results known by hand. */
import { describe, expect, it } from 'vitest';
import { WarmUps } from '../../bench/measuring/warm-up.ts';
import type { MicroSample } from '../../bench/micro/protocol.ts';
import { byteFindings, lineBytes } from './bytes.ts';
import { type LoopBlock, loopFindings, sampleOf } from './loops.ts';
import { verifyFindings } from './verify.ts';

const micro = (task: string, round: number, cpuUsPerOp: number): MicroSample => ({
  round,
  order: 0,
  task,
  operations: 1000,
  durationMs: 10,
  // Other processes had the core for half of the time, which must not count.
  wallUsPerOp: 2 * cpuUsPerOp,
  cpuUsPerOp,
  p50Us: cpuUsPerOp,
  p90Us: cpuUsPerOp,
  p99Us: cpuUsPerOp,
  warmUpOperations: 1,
  isWarm: true,
});

describe('verifying', () => {
  it('compares rates of CPU time, round by round, whatever the order of samples', () => {
    const start = (speed: number) =>
      [0, 1]
        .flatMap((round) => [
          micro('es256-verify', round, 50 * speed * (round + 1)),
          micro('hs256-verify', round, 5 * speed * (round + 1)),
          micro('rs256-verify', round, 20 * speed * (round + 1)),
          micro('hs256-verify-cached', round, 2.5 * speed * (round + 1)),
        ])
        .toReversed();
    const found = new Map(verifyFindings([start(1), start(1.3), start(0.9)], 1).map((one) => [one.name, one]));
    expect(found.get('rs256-over-hs256')?.value).toBeCloseTo(0.25, 9);
    expect(found.get('rs256-over-hs256')?.high).toBeCloseTo(0.25, 6);
    expect(found.get('es256-over-hs256')?.value).toBeCloseTo(0.1, 9);
    expect(found.get('cached-over-hs256')?.value).toBeCloseTo(2, 9);
    expect(found.get('hs256-rate')).toMatchObject({ blocks: 6, forks: 3 });
  });
});

describe('closed loops', () => {
  const tally = {
    key: 'session-redis',
    requests: 3000,
    unexpected: 0,
    failed: 0,
    statuses: { 200: 3000 },
    requestBytes: 1,
    responseBytes: 1,
    durationMs: 1500,
    replicaCpuNs: [240e6],
    redisCpuNs: 60e6,
    generatorCpuNs: 1,
    generatorBusy: 0.1,
  };

  const WARM = new WarmUps();

  it('include the CPU time of replica and Redis', () => {
    expect(sampleOf(tally, 2, WARM)).toEqual({ rate: 2000, cpuUs: 100, flags: [] });
    expect(sampleOf({ ...tally, replicaCpuNs: null }, 2, WARM)).toEqual({ rate: 2000, cpuUs: null, flags: [] });
    expect(sampleOf({ ...tally, generatorBusy: 0.99 }, 2, WARM)?.flags).toEqual(['generator-saturated']);
    expect(sampleOf({ ...tally, generatorCpuNs: 1.2e9 }, 1, WARM)?.flags).toEqual(['oversubscribed']);
  });

  it('report for each window whether its server was warm', () => {
    const told = { requests: 3000, cpuUsPerRequest: null, helperShare: 0.3, fault: null };
    const warmUps = new WarmUps([
      { ...told, key: 'session-redis', isWarm: false },
      { ...told, key: 'jwt-hs256', isWarm: true },
    ]);
    expect(sampleOf(tally, 2, warmUps)?.flags).toEqual(['not-warm']);
    expect(sampleOf({ ...tally, key: 'jwt-hs256' }, 2, warmUps)?.flags).toEqual([]);
  });

  it('leave out a window with a wrong reply, and one without any', () => {
    expect(sampleOf({ ...tally, unexpected: 1 }, 2, WARM)).toBeNull();
    expect(sampleOf({ ...tally, failed: 2 }, 2, WARM)).toBeNull();
    expect(sampleOf({ ...tally, requests: 0 }, 2, WARM)).toBeNull();
  });

  it('keep the other starts if all blocks of one were left out, and say so if there is none', () => {
    const sample = { rate: 1000, cpuUs: 50, flags: [] };
    const block = (level: 1 | 50 | 100): LoopBlock => ({ level, session: sample, token: sample });
    const whole = [block(1), block(50), block(100)];
    const found = new Map(loopFindings([whole, [block(1), block(50)], whole], 1).map((one) => [one.name, one]));
    expect(found.get('session-over-token-100')).toMatchObject({ forks: 2 });
    expect(found.get('session-over-token-50')).toMatchObject({ forks: 3 });
    expect(() => loopFindings([[block(1), block(50)]], 1)).toThrow('no window at 100 connections');
  });

  it('pair the two arms within each block, and keep the concurrency levels apart', () => {
    const block = (level: 1 | 50 | 100, rate: number, cpuUs: number | null): LoopBlock => ({
      level,
      session: { rate: rate * (level === 50 ? 0.5 : 0.8), cpuUs, flags: [] },
      token: { rate, flags: level === 50 ? ['oversubscribed'] : [], cpuUs: cpuUs === null ? null : cpuUs / 2 },
    });
    const start = (rate: number) => [
      block(50, rate, 80),
      block(1, rate, 60),
      block(100, rate, null),
      block(50, 3 * rate, 90),
    ];
    const found = new Map(loopFindings([start(1000), start(1400), start(700)], 1).map((one) => [one.name, one]));
    expect(found.get('session-over-token-50')?.value).toBeCloseTo(0.5, 9);
    expect(found.get('session-over-token-1')?.value).toBeCloseTo(0.8, 9);
    expect(found.get('session-over-token-50')).toMatchObject({ blocks: 6, forks: 3 });
    expect(found.get('session-cpu-over-token-50')?.value).toBeCloseTo(2, 9);
    // Of six windows at 50 connections and three at 100, the token's six at 50.
    expect(found.get('oversubscribed')?.value).toBeCloseTo((100 * 6) / 18, 9);
    expect(found.get('generator-saturated')?.value).toBe(0);
    // A value that could not be read is left out.
    expect(found.has('session-cpu-over-token-100')).toBe(false);
    expect(found.has('session-over-token-100')).toBe(true);
  });
});

describe('bytes', () => {
  it('include the whole header line', () => {
    expect(lineBytes({ cookie: 'a=b' })).toBe('cookie: a=b\r\n'.length);
    expect(lineBytes({})).toBe(0);
  });

  it('are compared login by login', () => {
    const found = byteFindings({ 'session-bytes': [100, 110], 'hs256-bytes': [400, 440], 'rs256-bytes': [700, 700] });
    expect(found.find(({ name }) => name === 'hs256-bytes-over-session')).toMatchObject({ value: 4, low: 4, high: 4 });
    expect(found.find(({ name }) => name === 'session-bytes')).toMatchObject({ value: 105, low: 100, high: 110 });
  });
});
