/**
 * How well changes of level are detected in series with known changes: by our method, a textbook method, and one that
 * reports none.
 */
import { changePoints, textbookPenalty } from '../../core/levels/optimal-partitioning.ts';
import { matched, type Score, scoreOf } from '../../core/levels/scores.ts';
import { SIMULATED, type SimulatedSeries } from '../../core/levels/simulated.ts';
import type { Series } from '../../core/results/history/series.ts';
import { changesOf } from '../../core/results/history/trend.ts';
import { median } from '../../core/stats/location.ts';
import { createRandom } from '../../core/stats/random.ts';

export const METHODS = ['tollgate', 'pelt', 'none'] as const;
export type Method = (typeof METHODS)[number];

export interface DetectionRow extends Score {
  readonly kind: string;
  readonly method: Method;
  /** The share of found changes that are reported at exactly their run; null if none was found. */
  readonly exact: number | null;
  /** False positives in 100 runs. */
  readonly falsePer100: number;
  /** The median number of runs from a change until it is reported, inclusive; null if half or more are missed. */
  readonly delay: number | null;
}

export interface DetectionTable {
  readonly seed: number;
  readonly lengths: readonly number[];
  readonly seriesEach: number;
  readonly rows: readonly DetectionRow[];
}

export const LENGTHS = [5, 10, 20, 50, 100, 200, 500] as const;
/** A change that is not reported after this many runs counts as missed. */
const LONGEST_DELAY = 40;
/** The first estimate of seconds for each kind; then the time is measured. */
const SECONDS_A_KIND = 0.15;
const DAY_MS = 86_400_000;
/** The delay needs a fit for each later run, so only a part of the series is used. */
const DELAYS_FROM = 100;

type Find = (values: readonly number[], nights?: readonly number[]) => readonly number[];
const FIND: Record<Method, Find> = {
  tollgate: (values, nights) => changesOf(seriesOf(values, nights)).map(({ index }) => index),
  pelt: (values) => {
    const logs = values.map(Math.log);
    return changePoints(logs, textbookPenalty(logs));
  },
  none: () => [],
};

/** A series as a history holds it. @param nights of its runs, of which some are missing */
function seriesOf(values: readonly number[], nights?: readonly number[]): Series {
  const points = values.map((value, i) => ({
    at: new Date(DAY_MS * (nights?.[i] ?? i)).toISOString(),
    commit: null,
    runId: String(i),
    value,
    low: value,
    high: value,
    flags: [],
  }));
  return { machineClass: '', experiment: 'toll', arm: null, factors: {}, metric: 'cpu_us_per_request', points };
}

/** @param seriesEach of each kind and length @param progress called before each kind, with the estimated time left */
export async function calibrateDetection(
  seed: number,
  seriesEach: number,
  progress: (kind: string, secondsLeft: number) => Promise<void>,
): Promise<DetectionTable> {
  const rows: DetectionRow[] = [];
  const begun = performance.now();
  for (const [i, { name, make }] of SIMULATED.entries()) {
    const secondsEach = i === 0 ? SECONDS_A_KIND * seriesEach : (performance.now() - begun) / 1000 / i;
    await progress(name, secondsEach * (SIMULATED.length - i));
    const random = createRandom(seed).derive(name);
    const all = LENGTHS.flatMap((count) => Array.from({ length: seriesEach }, () => make(random, count)));
    for (const method of METHODS) {
      const scored = all.map(({ values, changes, nights }) => {
        const found = FIND[method](values, nights);
        const hits = matched(changes, found);
        const exact = changes.filter((at) => found.includes(at)).length;
        const score = scoreOf(values.length, changes, found);
        return { ...score, wrong: found.length - hits, runs: values.length, hits, exact };
      });
      const average = (key: keyof Score) => scored.reduce((sum, one) => sum + one[key], 0) / scored.length;
      const total = (key: 'wrong' | 'runs' | 'hits' | 'exact') => scored.reduce((sum, one) => sum + one[key], 0);
      rows.push({
        kind: name,
        method,
        precision: average('precision'),
        recall: average('recall'),
        f1: average('f1'),
        cover: average('cover'),
        exact: total('hits') === 0 ? null : total('exact') / total('hits'),
        falsePer100: (100 * total('wrong')) / total('runs'),
        delay: method === 'none' ? null : delayOf(method, all),
      });
    }
  }
  return { seed, lengths: LENGTHS, seriesEach, rows };
}

/** From the first change of each series of middle length; null if there is none, or if half are missed. */
function delayOf(method: Method, all: readonly SimulatedSeries[]): number | null {
  const delays = all.flatMap(({ values, changes, nights }) => {
    const [first, second = values.length] = changes;
    if (values.length !== DELAYS_FROM || first === undefined) return [];
    for (let seen = first + 1; seen <= Math.min(second, first + LONGEST_DELAY); seen++) {
      if (matched([first], FIND[method](values.slice(0, seen), nights)) === 1) return [seen - first];
    }
    return [Number.POSITIVE_INFINITY];
  });
  if (delays.length === 0) return null;
  const middle = median(delays);
  return Number.isFinite(middle) ? middle : null;
}
