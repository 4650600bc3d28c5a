import { describe, expect, it } from 'vitest';
import type { Interval } from '../stats/interval.ts';
import { type ArmDemands, capacityOf, compareArms } from './capacity.ts';

const range = (value: number, spread = 0.1): Interval => ({
  value,
  low: value * (1 - spread),
  high: value * (1 + spread),
});
const session: ArmDemands = {
  replicaCpuUs: range(100),
  redisCpuUs: range(7),
  wireBytes: range(400, 0),
  sessionBytes: range(500),
};
const token: ArmDemands = {
  replicaCpuUs: range(50),
  redisCpuUs: range(0),
  wireBytes: range(700, 0),
  sessionBytes: range(0),
};
const load = { requestsPerSecond: 100_000, liveSessions: 20e6, utilisation: 0.5, redisNodeBytes: 8e9 };

describe('resources for a load', () => {
  it('follow from the demands by arithmetic that can be done by hand', () => {
    const needed = capacityOf(load, session);
    // 100,000/s × 100 µs is 10 busy cores; at half use, 20.
    expect(needed.replicas.value).toBeCloseTo(20, 12);
    expect(needed.replicas.low).toBeCloseTo(18, 12);
    expect(needed.replicas.high).toBeCloseTo(22, 12);
    expect(needed.redisCores.value).toBeCloseTo(1.4, 12);
    expect(needed.redisBytes?.value).toBeCloseTo(10e9, 3);
    expect(needed.redisNodes).toEqual({ value: 2, low: 2, high: 2 });
    expect(needed.wireBytesPerSecond?.value).toBeCloseTo(40e6, 3);
    expect(needed.oneRedisRps?.value).toBeCloseTo(0.5e6 / 7, 6);
    expect(needed.oneRedisRps?.low).toBeCloseTo(0.5e6 / 7.7, 6);
  });

  it('count nodes by memory if memory needs more of them', () => {
    expect(capacityOf({ ...load, liveSessions: 100e6 }, session).redisNodes).toEqual({ value: 7, low: 6, high: 7 });
  });

  it('include no Redis for an arm that does not use it, and at least one for one that does', () => {
    expect(capacityOf(load, token)).toMatchObject({ redisNodes: { value: 0 }, oneRedisRps: null });
    expect(capacityOf({ ...load, requestsPerSecond: 1, liveSessions: 1 }, session).redisNodes.value).toBe(1);
  });

  it('leave out what was not measured', () => {
    const some = capacityOf(load, { ...session, wireBytes: null, sessionBytes: null });
    expect(some).toMatchObject({ redisBytes: null, wireBytesPerSecond: null, redisNodes: { value: 2 } });
  });
});

describe('two arms', () => {
  it('differ by a whole core above the load at which their difference fills one', () => {
    const { costs, wholeCoreFromRps } = compareArms(session, token, 0.5);
    expect(costs).toBe('more');
    expect(wholeCoreFromRps?.value).toBeCloseTo(0.5e6 / 57, 6);
    const error = Math.hypot(10, 0.7, 5);
    expect(wholeCoreFromRps?.low).toBeCloseTo(0.5e6 / (57 + error), 6);
    expect(wholeCoreFromRps?.high).toBeCloseTo(0.5e6 / (57 - error), 6);
  });

  it('compare the same in either order', () => {
    const [one, other] = [compareArms(session, token, 0.7), compareArms(token, session, 0.7)];
    expect(other.costs).toBe('less');
    expect(other.wholeCoreFromRps).toEqual(one.wholeCoreFromRps);
  });

  it('are compared by the ratio of the same blocks, not by intervals that share the machine’s drift', () => {
    const wide = (value: number) => ({ value, low: 0.8 * value, high: 1.2 * value });
    const of = (value: number) => ({ ...token, replicaCpuUs: wide(value) });
    const [one, other] = [of(45), of(35)];
    expect(compareArms(one, other, 0.7).costs).toBe('unknown');
    const paired = { ratio: { value: 1.29, low: 1.22, high: 1.36 }, differ: true };
    const { costs, wholeCoreFromRps } = compareArms(one, other, 0.7, paired);
    expect(costs).toBe('more');
    const more = 35 * 0.29;
    const error = more * Math.hypot(0.07 / 0.29, 0.2);
    expect(wholeCoreFromRps?.value).toBeCloseTo(0.7e6 / more, 6);
    expect(wholeCoreFromRps?.low).toBeCloseTo(0.7e6 / (more + error), 6);
    expect(wholeCoreFromRps?.high).toBeCloseTo(0.7e6 / (more - error), 6);
    const less = compareArms(one, other, 0.7, { ratio: { value: 0.8, low: 0.75, high: 0.85 }, differ: true });
    expect(less.costs).toBe('less');
    expect(less.wholeCoreFromRps?.value).toBeCloseTo(0.7e6 / 7, 6);
    // And the pairs decide, however far apart the intervals of a drifting machine are.
    const alike = { ratio: { value: 1.01, low: 0.97, high: 1.05 }, differ: false };
    expect(compareArms(of(80), of(30), 0.7, alike)).toEqual({ costs: 'unknown', wholeCoreFromRps: null });
  });

  it('are inconclusive if the interval of their difference contains 0', () => {
    const near = { ...token, replicaCpuUs: range(100) };
    expect(compareArms(session, near, 0.7)).toEqual({ costs: 'unknown', wholeCoreFromRps: null });
  });
});
