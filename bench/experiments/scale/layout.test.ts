import { expect, it } from 'vitest';
import { assignmentOf } from '../../load/closed/walk.ts';
import { homeOf, isCritical, stickyOrder, subset } from './layout.ts';

it('uses each replica equally often over all starting points', () => {
  const times = Array(8).fill(0);
  for (let first = 0; first < 8; first++) for (const replica of subset(8, 3, first)) times[replica]++;
  expect(times).toEqual(Array(8).fill(3));
  expect(subset(4, 9, 2)).toEqual([2, 3, 0, 1]);
});

it('orders users so that every sticky worker uses the replica that logged its user in', () => {
  for (const [all, count, first] of [
    [8, 4, 6],
    [4, 4, 1],
    [3, 1, 2],
  ] as const) {
    const used = subset(all, count, first);
    const order = stickyOrder(24, all, used);
    expect(order.length).toBeGreaterThan(0);
    expect(new Set(order).size).toBe(order.length);
    for (let walker = 0; walker < 100; walker++) {
      const { addresses, user } = assignmentOf(walker, count, order.length, 'sticky');
      expect(addresses.map((address) => used[address])).toEqual([homeOf(order[user] ?? -1, all)]);
    }
  }
});

it('has no sticky order if a used replica logged nobody in', () => {
  expect(stickyOrder(2, 4, [0, 3])).toEqual([]);
});

it('sends every user to every replica by connection, and every request to the next replica by request', () => {
  const met = new Set<string>();
  for (let walker = 0; walker < 12; walker++) {
    const { addresses, user } = assignmentOf(walker, 3, 4, 'connection');
    met.add(`${addresses} ${user}`);
  }
  expect(met.size).toBe(12);
  expect(assignmentOf(4, 3, 4, 'request').addresses).toEqual([1, 2, 0]);
});

it('makes a share of the requests critical, evenly spread', () => {
  const steps = (fraction: number) => Array.from({ length: 100 }, (_, step) => isCritical(step, fraction));
  expect(steps(0.1).filter(Boolean)).toHaveLength(10);
  expect(steps(0.5).filter(Boolean)).toHaveLength(50);
  expect(steps(0).some(Boolean)).toBe(false);
  expect(steps(0.5).slice(0, 4)).toEqual([false, true, false, true]);
});
