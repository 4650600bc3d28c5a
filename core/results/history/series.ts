/** The figures of a history, grouped into series. */
import type { Interval } from '../../stats/interval.ts';
import type { Flag } from '../flags.ts';
import type { Factors } from '../schema.ts';
import type { HistoryEntry, HistoryRun } from './entry.ts';

/** One figure, measured repeatedly on one class of machine. */
export interface Series {
  readonly machineClass: string;
  readonly experiment: string;
  readonly arm: string | null;
  readonly factors: Factors;
  readonly metric: HistoryFigure['metric'];
  readonly points: readonly SeriesPoint[];
}

export interface SeriesPoint extends Interval {
  readonly at: string;
  readonly commit: string | null;
  readonly runId: string;
  /** The flags of its own run. */
  readonly flags: readonly Flag[];
}

type HistoryFigure = HistoryEntry['figures'][number];
type Growing = Series & { readonly points: SeriesPoint[] };

const NO_FLAGS: readonly Flag[] = [];

/** Series that are extended one run at a time, so that runs need not be kept. */
export class CollectedSeries {
  readonly #found = new Map<string, Growing>();
  /** Per class, the series of the last run's figures in their order: the next run usually has the same. */
  readonly #last = new Map<string, readonly Growing[]>();

  add({ machineClass, at, commit, runId }: HistoryRun, figures: readonly HistoryFigure[]): void {
    const last = this.#last.get(machineClass);
    const own = figures.map((figure, i) => {
      const likely = last?.[i];
      const series = likely !== undefined && isOf(likely, figure) ? likely : this.#seriesFor(machineClass, figure);
      const { value, low, high, flags } = figure;
      series.points.push({ at, commit, runId, value, low, high, flags: flags.length === 0 ? NO_FLAGS : flags });
      return series;
    });
    this.#last.set(machineClass, own);
  }

  series(): readonly Series[] {
    return [...this.#found.values()];
  }

  #seriesFor(machineClass: string, { experiment, arm, factors, metric }: HistoryFigure): Growing {
    const sorted = Object.fromEntries(Object.entries(factors).toSorted(([a], [b]) => a.localeCompare(b)));
    const key = JSON.stringify([machineClass, experiment, arm, sorted, metric]);
    const series = this.#found.get(key) ?? { machineClass, experiment, arm, factors: sorted, metric, points: [] };
    this.#found.set(key, series);
    return series;
  }
}

function isOf({ experiment, arm, metric, factors }: Series, figure: HistoryFigure): boolean {
  if (experiment !== figure.experiment || arm !== figure.arm || metric !== figure.metric) return false;
  const names = Object.keys(figure.factors);
  return (
    names.length === Object.keys(factors).length &&
    names.every((name) => Object.hasOwn(factors, name) && factors[name] === figure.factors[name])
  );
}

/** Every series, its points in the order of the entries. Pure. */
export function seriesOf(entries: readonly HistoryEntry[]): readonly Series[] {
  const collected = new CollectedSeries();
  for (const entry of entries) collected.add(entry, entry.figures);
  return collected.series();
}
