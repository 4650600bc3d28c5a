import { expect, it } from 'vitest';
import { type Choice, Chooser } from './choice.ts';

/** The upstreams of some requests, none of which ends. */
function chosen(choice: Choice, count: number, among: readonly number[], underWay: number[], turn = 0): number[] {
  const chooser = new Chooser(choice, turn);
  return Array.from({ length: count }, () => {
    const next = chooser.next(among, underWay);
    underWay[next] = (underWay[next] ?? 0) + 1;
    return next;
  });
}

it('takes the upstreams in turn, however busy they are', () => {
  expect(chosen('round-robin', 7, [0, 1, 2], [9, 0, 0])).toEqual([0, 1, 2, 0, 1, 2, 0]);
  expect(chosen('round-robin', 3, [0, 1, 2], [0, 0, 0], 5)).toEqual([2, 0, 1]);
});

it('takes the upstream with the fewest requests in flight, and ties in turn', () => {
  expect(chosen('least-connections', 6, [0, 1, 2], [2, 0, 0])).toEqual([1, 2, 2, 1, 1, 2]);
  expect(chosen('least-connections', 4, [0, 1], [0, 0], 1)).toEqual([1, 0, 1, 0]);
});

it('takes only those in use, even when they change', () => {
  expect(chosen('round-robin', 4, [1, 3], [0, 0, 0, 0])).toEqual([1, 3, 1, 3]);
  const chooser = new Chooser('round-robin');
  expect([0, 1, 2, 3].map(() => chooser.next([0, 1, 2], []))).toEqual([0, 1, 2, 0]);
  expect([0, 1].map(() => chooser.next([2], []))).toEqual([2, 2]);
  expect([0, 1].map(() => chooser.next([0, 1], []))).toEqual([1, 0]);
  // An idle upstream that is not in use does not count.
  expect(chosen('least-connections', 3, [2, 0], [4, 0, 5])).toEqual([0, 0, 2]);
});
