import { expect, it } from 'vitest';
import { entry } from '../testing/history.ts';
import type { HistoryEntry } from './entry.ts';
import { liveSeries } from './live.ts';
import { seriesOf } from './series.ts';

const liveIn = (entries: readonly HistoryEntry[], recent = 3) => liveSeries(seriesOf(entries), entries, recent);
const days = (from: number, to: number, of: (i: number) => HistoryEntry) =>
  Array.from({ length: to - from }, (_, i) => of(from + i));

it('leaves out a class of machine that no recent run is of', () => {
  const old = days(0, 10, (i) => entry(i, 1, 'old'));
  const { live, stale } = liveIn([...old, ...days(10, 16, (i) => entry(i, 1, 'new'))]);
  expect(live.map(({ machineClass }) => machineClass)).toEqual(['new']);
  expect(stale).toEqual([{ machineClass: 'old', series: 1, last: old.at(-1)?.at }]);
  const soon = liveIn([...old, ...days(10, 15, (i) => entry(i, 1, 'new'))]);
  expect(soon.live).toHaveLength(2);
  expect(soon.stale).toEqual([]);
});

it('leaves out a figure that the recent runs of its class no longer have', () => {
  const dropped = days(0, 10, (i) => entry(i, 1, 'small', 'throughput_rps'));
  const kept = (to: number) => [...dropped, ...days(10, to, (i) => entry(i, 1))];
  expect(liveIn(kept(12)).live).toHaveLength(2);
  const { live, stale } = liveIn(kept(13));
  expect(live.map(({ metric }) => metric)).toEqual(['cpu_toll_us']);
  expect(stale).toEqual([{ machineClass: 'small', series: 1, last: dropped.at(-1)?.at }]);
  expect(liveIn([])).toEqual({ live: [], stale: [] });
});
