/** Entries and series of a history for tests. */
import type { HistoryEntry } from '../history/entry.ts';
import { type Series, seriesOf } from '../history/series.ts';

/** One run with one figure, on day `i`. */
export function entry(
  i: number,
  value: number,
  machineClass = 'small',
  metric: 'cpu_toll_us' | 'throughput_rps' = 'cpu_toll_us',
) {
  return {
    version: 1,
    runId: `run-${i}`,
    at: new Date(Date.UTC(2026, 0, 1 + i)).toISOString(),
    commit: `${i}`.padStart(40, 'a'),
    dirty: false,
    machineClass,
    figures: [
      {
        experiment: 'toll',
        arm: 'jwt-hs256',
        factors: { b: 1, a: 2 },
        metric,
        value,
        low: value,
        high: value,
        flags: [],
      },
    ],
  } satisfies HistoryEntry;
}

/** One run a day. */
export function series(values: readonly number[], metric: 'cpu_toll_us' | 'throughput_rps' = 'cpu_toll_us'): Series {
  const [one] = seriesOf(values.map((value, i) => entry(i, value, 'small', metric)));
  if (!one) throw new Error('no series');
  return one;
}
