import { expect, it } from 'vitest';
import { balancedOrders } from './turns.ts';

it('follows each order by its reverse, so that no side is early more often', () => {
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
