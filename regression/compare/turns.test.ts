import { describe, expect, it } from 'vitest';
import { balancedOrders, type Reading, refuseIfProcessesEnded, turnOf } from './turns.ts';

it('follows each order by its reverse, so that no side is systematically early', () => {
  for (const sides of [2, 3, 5]) {
    const orders = balancedOrders(sides, 40, 4);
    expect(orders).toHaveLength(40);
    const ranks = Array.from({ length: sides }, () => 0);
    for (const [i, order] of orders.entries()) {
      expect(order.toSorted()).toEqual(Array.from({ length: sides }, (_, side) => side));
      if (i % 2 === 1) expect(order).toEqual(orders[i - 1]?.toReversed());
      for (const [rank, side] of order.entries()) ranks[side] = (ranks[side] ?? 0) + rank;
    }
    expect(new Set(ranks).size).toBe(1);
  }
});

it('begins with either side', () => {
  expect(new Set(balancedOrders(2, 40, 4).map(([first]) => first))).toEqual(new Set([0, 1]));
  const firsts = balancedOrders(2, 40, 4).filter((_, i) => i % 2 === 0);
  expect(new Set(firsts.map(([first]) => first))).toEqual(new Set([0, 1]));
});

const MS = 1e6;
const at = (ms: number, ticksMs: number, reaped = 0) => ({ ns: ms * MS, ticksNs: ticksMs * MS, reaped });
const ofReplicas = (replicas: Reading['replicas']): Reading => ({ replicas, redis: null, companions: null });

describe('the cost of a turn', () => {
  it('is the CPU time of its processes per request', () => {
    const start = { replicas: at(100, 100), redis: at(10, 10), companions: null };
    const end = { replicas: at(104, 110), redis: at(11, 10), companions: null };
    expect(turnOf(start, end, 50, 0)).toEqual({ replicaUs: 80, redisUs: 20, companionUs: null, pausedMs: 0 });
    const group = { ns: 0, ticksNs: null };
    const spent = turnOf(ofReplicas(group), ofReplicas({ ns: 2 * MS, ticksNs: null }), 50, null);
    expect(spent).toEqual({ replicaUs: 40, redisUs: null, companionUs: null, pausedMs: null });
  });

  it('is unknown if any of the processes exited in it', () => {
    const quiet = { replicas: at(100, 100), redis: at(10, 10), companions: at(20, 20) };
    for (const part of ['replicas', 'redis', 'companions'] as const)
      expect(turnOf(quiet, { ...quiet, [part]: at(120, 120, 1) }, 50, 0)).toBeNull();
  });

  it('is unknown if threads exited in it that used more than clock ticks explain', () => {
    expect(turnOf(ofReplicas(at(100, 100)), ofReplicas(at(101, 150)), 50, 0)).toBeNull();
  });
});

it('omits a few turns in which processes exited, and refuses to omit many', () => {
  expect(() => refuseIfProcessesEnded('head', 10, 100)).not.toThrow();
  expect(() => refuseIfProcessesEnded('head', 11, 100)).toThrow('processes of head ended in 11 of 100 turns');
});
