import { expect, it } from 'vitest';
import { isWhole, slotRanges } from './cluster.ts';

it('assigns every slot to one node', () => {
  for (const nodes of [1, 3, 5, 7]) {
    const ranges = slotRanges(nodes);
    expect(ranges[0]?.[0]).toBe(0);
    expect(ranges.at(-1)?.[1]).toBe(16_383);
    ranges.slice(1).forEach(([first], i) => {
      expect(first).toBe((ranges[i]?.[1] ?? 0) + 1);
    });
  }
});

it('considers a cluster complete only if all slots are served and all nodes are known', () => {
  const info = (state: string, slots: number, size: number) =>
    `cluster_enabled:1\r\ncluster_state:${state}\r\ncluster_slots_assigned:16384\r\ncluster_slots_ok:${slots}\r\ncluster_size:${size}\r\n`;
  expect(isWhole(info('ok', 16_384, 3), 3)).toBe(true);
  expect(isWhole(info('fail', 16_384, 3), 3)).toBe(false);
  expect(isWhole(info('ok', 10_922, 2), 3)).toBe(false);
  expect(isWhole('', 3)).toBe(false);
});
