/**
 * Runs side by side: the figures of each, and the ratio of two only if they differ in nothing but chance and time.
 * Pure.
 */
import { machineClassOf } from '../../core/results/history/machine-class.ts';
import { isIndependentMetric, watched } from '../../core/results/history/watched.ts';
import { isLoneSample, isSampledUnit } from '../../core/results/sampled.ts';
import type { Figure, Run } from '../../core/results/schema.ts';
import { normalCdf, normalQuantile } from '../../core/stats/distributions.ts';
import { holm } from '../../core/stats/holm.ts';
import type { Interval } from '../../core/stats/interval.ts';
import { list } from '../../core/text/format.ts';

/** Adjusted for every figure compared between two runs. */
const ALPHA = 0.05;

export interface NamedRun {
  /** Its folder, as typed by the user. */
  readonly name: string;
  readonly run: Run;
}

export interface Compared {
  /** The ratio of this run to the first. */
  readonly ratio: Interval;
  readonly outcome: 'more' | 'less' | 'no difference';
}

export interface Row {
  readonly experiment: string;
  readonly arm: string | null;
  readonly factors: Figure['factors'];
  readonly metric: Figure['metric'];
  readonly unit: string;
  /** One for each run; null if it has none. */
  readonly figures: readonly (Figure | null)[];
  /** One for each run; null for the first, and if there is no valid ratio. */
  readonly against: readonly (Compared | null)[];
}

export interface SideBySide {
  readonly runs: readonly NamedRun[];
  /** For each run, why it is not compared with the first; empty if it is. */
  readonly reasons: readonly (readonly string[])[];
  readonly rows: readonly Row[];
}

const quoted = (what: string, a: string | null, b: string | null) =>
  a === b ? [] : [`${what}: ${a ?? 'unknown'} and ${b ?? 'unknown'}`];

/** The load on the servers, apart from the factors of each figure. */
function loadOf({ config, figures }: Run): string {
  const inFlight = figures.flatMap(({ experiment, factors }) =>
    experiment === 'toll' ? (factors.in_flight ?? []) : [],
  );
  const levels = [...new Set(inFlight)].sort().join(', ');
  const parts = [
    `${levels === '' ? 'none' : levels} in flight`,
    config.redis ?? 'single',
    JSON.stringify(config.argon2),
  ];
  return parts.join('; ');
}

/** Why figures of two runs cannot be compared, a few words each; empty if they can. */
export function whyNotComparable(a: Run, b: Run): string[] {
  const [one, other] = [a.environment, b.environment];
  const versionOf = ({ gitCommit, gitDirty }: Run['environment']) =>
    gitCommit === null ? 'unknown' : `${gitCommit.slice(0, 12)}${gitDirty === false ? '' : ' with changes'}`;
  const isOneVersion = one.gitCommit !== null && one.gitCommit === other.gitCommit && !one.gitDirty && !other.gitDirty;
  const packages = JSON.stringify(one.packages) === JSON.stringify(other.packages);
  return [
    ...quoted('different class of machine', machineClassOf(one), machineClassOf(other)),
    ...quoted('other Node', one.node, other.node),
    ...quoted('other Redis', one.redis, other.redis),
    ...(isOneVersion
      ? []
      : [`different version, or not known to be the same: ${versionOf(one)} and ${versionOf(other)}`]),
    ...(packages ? [] : ['other packages']),
    ...quoted('other profile', a.config.profile, b.config.profile),
    ...quoted('other load', loadOf(a), loadOf(b)),
  ];
}

const keyOf = ({ experiment, arm, factors, metric }: Figure) =>
  JSON.stringify([experiment, arm, Object.entries(factors).sort(([a], [b]) => (a < b ? -1 : 1)), metric]);

/** The ratio of two independent estimates, including both intervals (MOVER on the log scale). */
export function ratioOf(a: Interval, base: Interval): Interval {
  const value = Math.log(a.value / base.value);
  const below = Math.hypot(Math.log(a.value / a.low), Math.log(base.high / base.value));
  const above = Math.hypot(Math.log(a.high / a.value), Math.log(base.value / base.low));
  return { value: Math.exp(value), low: Math.exp(value - below), high: Math.exp(value + above) };
}

const isSound = ({ low, flags }: Figure) => low > 0 && !flags.includes('gate-failed');
/** Rounding errors of sums of counts. */
const ROUNDING = 1e-9;
const isSampled = (figure: Figure) => !isLoneSample(figure) && figure.high - figure.low > ROUNDING * figure.value;
const isCounted = ({ unit, low, high, value }: Figure) => !isSampledUnit(unit) && high - low <= ROUNDING * value;

/** Compares counts, which have no error: any difference is real. */
function countedOf(figure: Figure, base: Figure): Compared {
  const value = figure.value / base.value;
  const outcome = Math.abs(value - 1) <= ROUNDING ? 'no difference' : value > 1 ? 'more' : 'less';
  return { ratio: { value, low: value, high: value }, outcome };
}

/** Two-sided, from the side of the interval that is nearer to 1. */
function pOf({ value, low, high }: Interval, confidence: number): number {
  const half = value > 1 ? Math.log(value / low) : Math.log(high / value);
  const error = half / normalQuantile((1 + confidence) / 2);
  return 2 * (1 - normalCdf(Math.abs(Math.log(value)) / error));
}

/** Compares every figure of a run with that of the first; the outcome is adjusted for all of them. */
function compareAll(first: readonly (Figure | null)[], own: readonly (Figure | null)[]): (Compared | null)[] {
  const pairs = own.map((figure, i) => {
    const base = first[i] ?? null;
    return figure !== null && base !== null && isSound(figure) && isSound(base) ? { figure, base } : null;
  });
  const ratios = pairs.map((pair) =>
    pair !== null && isSampled(pair.figure) && isSampled(pair.base)
      ? { ratio: ratioOf(pair.figure, pair.base), confidence: pair.figure.confidence }
      : null,
  );
  const known = ratios.filter((one) => one !== null);
  const adjusted = holm(known.map(({ ratio, confidence }) => pOf(ratio, confidence)));
  let next = 0;
  return pairs.map((pair, i): Compared | null => {
    const sampled = ratios[i] ?? null;
    if (sampled !== null) {
      const { ratio } = sampled;
      const differs = (adjusted[next++] ?? 1) < ALPHA;
      return { ratio, outcome: differs ? (ratio.value > 1 ? 'more' : 'less') : 'no difference' };
    }
    if (pair === null || !isCounted(pair.figure) || !isCounted(pair.base)) return null;
    return countedOf(pair.figure, pair.base);
  });
}

/** Watched figures of every run, and CPU time per request: in the order of the first run that has each. */
export function sideBySide(runs: readonly NamedRun[]): SideBySide {
  const isShown = ({ metric, source }: Figure) => source === 'measured' && isIndependentMetric(metric);
  const chosen = runs.map(({ run }) => {
    const shown = run.figures.filter(isShown);
    const cpu = shown.filter(
      ({ experiment, metric }) => experiment === 'toll' && metric === 'total_cpu_us_per_request',
    );
    return new Map([...watched(shown), ...cpu].map((figure) => [keyOf(figure), figure]));
  });
  const keys = [...new Set(chosen.flatMap((figures) => [...figures.keys()]))];
  const columns = chosen.map((figures) => keys.map((key) => figures.get(key) ?? null));
  const [first] = runs;
  const reasons = runs.map(({ run }, i) => (i === 0 || first === undefined ? [] : whyNotComparable(first.run, run)));
  const against = columns.map((own, i) =>
    i === 0 || reasons[i]?.length !== 0 ? own.map(() => null) : compareAll(columns[0] ?? [], own),
  );
  const rows = keys.flatMap((_, row): Row[] => {
    const figures = columns.map((own) => own[row] ?? null);
    const any = figures.find((figure) => figure !== null);
    if (any === undefined || any === null) return [];
    const { experiment, arm, factors, metric, unit } = any;
    return [{ experiment, arm, factors, metric, unit, figures, against: against.map((own) => own[row] ?? null) }];
  });
  return { runs, reasons, rows };
}

const letter = (index: number) => (index < 26 ? String.fromCharCode(65 + index) : `run ${index + 1}`);

/** `A`, `B`: what columns and sentences call the runs. */
export const letters = ({ runs }: SideBySide) => runs.map((_, i) => letter(i));

/** One sentence for each run but the first. */
export function sentences({ reasons, rows }: SideBySide): string[] {
  return reasons.slice(1).map((why, i) => {
    const names = `${letter(i + 1)} and ${letter(0)}`;
    if (why.length > 0) return `${names} are not ranked: ${why.join('; ')}.`;
    const compared = rows.flatMap(({ against }) => against[i + 1] ?? []);
    const count = (outcome: Compared['outcome']) => compared.filter((one) => one.outcome === outcome).length;
    if (compared.length === 0) return `${names} are comparable, but have no sampled figure in common.`;
    const parts = [
      ...(count('more') > 0 ? [`${count('more')} higher in ${letter(i + 1)}`] : []),
      ...(count('less') > 0 ? [`${count('less')} lower`] : []),
      `${count('no difference')} without a difference found`,
    ];
    return `Of ${compared.length} figures compared between ${names}, ${list(parts)} (Holm, 5 %).`;
  });
}
