/** The series of a history that are still measured. Pure. */
import type { HistoryRun } from './entry.ts';
import type { Series } from './series.ts';

/** Series of one class of machine that are no longer measured. */
export interface Stale {
  readonly machineClass: string;
  readonly series: number;
  /** When the last of them was measured. */
  readonly last: string;
}

/**
 * What is no longer measured can neither get worse nor be mended. A series is live if one of the last `recent` runs of its
 * class has it. A class is live if it is among the last runs, `recent` for each class, since machines may come in turns.
 * @param entries the runs of the series, in their order
 */
export function liveSeries(
  all: readonly Series[],
  entries: readonly HistoryRun[],
  recent: number,
): { readonly live: readonly Series[]; readonly stale: readonly Stale[] } {
  const classes = Map.groupBy(entries, ({ machineClass }) => machineClass);
  const lately = new Set(entries.slice(-recent * classes.size).map(({ machineClass }) => machineClass));
  const keyOf = ({ runId, at }: { readonly runId: string; readonly at: string }) => `${at} ${runId}`;
  const runs = new Set([...classes.values()].flatMap((own) => own.slice(-recent).map(keyOf)));
  const isLive = ({ machineClass, points }: Series) => {
    const last = points.at(-1);
    return last !== undefined && lately.has(machineClass) && runs.has(keyOf(last));
  };
  const gone = all.filter((one) => !isLive(one));
  const stale = [...Map.groupBy(gone, ({ machineClass }) => machineClass)].map(([machineClass, own]) => {
    const ends = own.map(({ points }) => points.at(-1)?.at ?? '');
    return { machineClass, series: own.length, last: ends.toSorted().at(-1) ?? '' };
  });
  return { live: all.filter(isLive), stale };
}
