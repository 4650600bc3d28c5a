/**
 * Every pair of arms that was compared in the same blocks, with its ratio. All statements, rankings and marks about
 * two arms rest on these; intervals of two absolute figures can overlap although their ratio is known. Pure.
 */
import { type Comparison, differencesIn, type Ranking, rankByDifferences } from '../stats/ties.ts';
import { type ArmSummary, type ReferencePair, referencePair } from './arms.ts';
import type { Flag } from './flags.ts';
import { otherArmOf } from './other-arm.ts';
import { isLoneSample } from './sampled.ts';
import type { Factors, Figure } from './schema.ts';

/** `less` and `more`: the first arm against the second. `one sample` supports neither. */
export type PairOutcome = 'less' | 'more' | 'no difference' | 'one sample';

export interface PairedRatio {
  readonly a: string;
  readonly b: string;
  /** a over b, with its flags. */
  readonly ratio: Figure;
  /** The figure as recorded: a over b, or b over a. */
  readonly recorded: Figure;
  readonly outcome: PairOutcome;
}

export interface PairedRatios {
  /** The number of pairs compared; the outcomes are corrected for it. */
  readonly count: number;
  /** Null if the two were not compared. */
  between(a: string, b: string): PairedRatio | null;
  /** Null if no two arms were compared. */
  ranking(better: 'smaller' | 'bigger'): Ranking | null;
}

export interface PairOptions {
  /** Adds the flags of the figures behind a ratio. */
  readonly withCaveats?: (ratio: Figure) => Figure;
  /** The planned comparison of the run; null if there is none. */
  readonly planned?: ReferencePair | null;
}

const OPPOSITE = { less: 'more', more: 'less', 'no difference': 'no difference', 'one sample': 'one sample' } as const;

function turned({ a, b, ratio, recorded, outcome }: PairedRatio): PairedRatio {
  const { value, low, high } = ratio;
  const over = {
    ...ratio,
    arm: b,
    factors: { ...ratio.factors, against: a },
    value: 1 / value,
    low: 1 / high,
    high: 1 / low,
  };
  return { a: b, b: a, ratio: over, recorded, outcome: OPPOSITE[outcome] };
}

/**
 * With Holm's correction for the number of pairs. The representatives of the two families are a planned comparison
 * with half of the total weight, so the number of other arms does not decide whether they differ. @param figures
 * ratios between arms, one per pair @returns null for none
 */
export function pairedRatios(
  figures: readonly Figure[],
  { withCaveats = (ratio) => ratio, planned = null }: PairOptions = {},
): PairedRatios | null {
  const known = figures.flatMap((ratio) => {
    const b = otherArmOf(ratio);
    return ratio.arm === null || b === '' || !(ratio.low > 0) ? [] : [{ a: ratio.arm, b, ratio }];
  });
  if (known.length === 0) return null;
  const judged = known.filter(({ ratio }) => !isLoneSample(ratio));
  const isPlanned = ({ a, b }: Comparison) =>
    planned !== null && [a, b].includes(planned.session) && [a, b].includes(planned.token);
  const different = differencesIn(judged, (pair) => (isPlanned(pair) ? Math.max(1, judged.length - 1) : 1));
  const outcomeOf = (pair: (typeof known)[number]): PairOutcome => {
    if (different.has(pair)) return pair.ratio.value < 1 ? 'less' : 'more';
    return isLoneSample(pair.ratio) ? 'one sample' : 'no difference';
  };
  const pairs = known.map(
    (pair): PairedRatio => ({
      ...pair,
      ratio: withCaveats(pair.ratio),
      recorded: pair.ratio,
      outcome: outcomeOf(pair),
    }),
  );
  const byNames = new Map(pairs.toReversed().map((pair) => [JSON.stringify([pair.a, pair.b]), pair]));
  return {
    count: pairs.length,
    between(a, b) {
      const other = byNames.get(JSON.stringify([b, a]));
      return byNames.get(JSON.stringify([a, b])) ?? (other === undefined ? null : turned(other));
    },
    ranking: (better) => rankByDifferences(inOrder(known, better), different, { better }),
  };
}

/** Orders arms by the mean logarithm of their ratios to the others, which needs no baseline. */
function inOrder(comparisons: readonly Comparison[], better: 'smaller' | 'bigger'): string[] {
  const logs = new Map<string, number[]>();
  for (const { a, b, ratio } of comparisons) {
    logs.set(a, [...(logs.get(a) ?? []), Math.log(ratio.value)]);
    logs.set(b, [...(logs.get(b) ?? []), -Math.log(ratio.value)]);
  }
  const sign = better === 'smaller' ? 1 : -1;
  const level = (own: readonly number[]) => (sign * own.reduce((sum, log) => sum + log, 0)) / own.length;
  return [...logs].toSorted(([, one], [, other]) => level(one) - level(other)).map(([arm]) => arm);
}

const TO_BASELINE: readonly string[] = ['total_cpu_ratio_to_baseline', 'cpu_ratio_to_baseline'];

/**
 * Flags inherited from an arm's ratio to the baseline: an interval that stayed wide also affects comparisons of the
 * arm. The other flags may come from the baseline, which is not part of a comparison of two other arms; the two arms'
 * own flags are on their comparison itself.
 */
const INHERITED: readonly Flag[] = ['interval-wide'];

/** Flags that pairs inherit, by experiment, arm and factors of the ratio to the baseline that has them. */
type Doubts = ReadonlyMap<string, readonly Flag[]>;

const doubtKey = (experiment: string, arm: string | null, factors: Factors) =>
  JSON.stringify([experiment, arm, factors]);

function doubtsIn(figures: readonly Figure[]): Doubts {
  const found = new Map<string, readonly Flag[]>();
  for (const { experiment, metric, arm, factors, flags } of figures) {
    const own = flags.filter((flag) => INHERITED.includes(flag));
    if (own.length === 0 || !TO_BASELINE.includes(metric)) continue;
    const key = doubtKey(experiment, arm, factors);
    found.set(key, [...(found.get(key) ?? []), ...own]);
  }
  return found;
}

function withCaveatsOfArms(ratio: Figure, doubts: Doubts): Figure {
  const { against: _, than: __, ...level } = ratio.factors;
  const inherited = [ratio.arm, otherArmOf(ratio)].flatMap(
    (arm) => doubts.get(doubtKey(ratio.experiment, arm, level)) ?? [],
  );
  return { ...ratio, flags: [...new Set([...ratio.flags, ...inherited])].sort() };
}

export interface CostRatios extends PairedRatios {
  /** Whether Redis' CPU time is included; older results compare the replicas alone. */
  readonly includesRedis: boolean;
}

/**
 * The cost of one request of an arm relative to another, from the experiment `toll`. @param arms those of the run,
 * which define the planned pair @param unsound arms excluded from comparisons: breaking a promise may be what makes
 * them cheap @returns null if no two arms were compared in pairs
 */
export function costRatios(
  figures: readonly Figure[],
  arms: readonly ArmSummary[],
  unsound: ReadonlySet<string> = new Set(),
): CostRatios | null {
  const planned = referencePair(arms);
  const doubts = doubtsIn(figures);
  for (const metric of ['total_cpu_ratio_to_arm', 'cpu_ratio_to_arm'] as const) {
    const own = figures.filter(
      (figure) =>
        figure.experiment === 'toll' &&
        figure.metric === metric &&
        !unsound.has(figure.arm ?? '') &&
        !unsound.has(otherArmOf(figure)),
    );
    const found = pairedRatios(own, { withCaveats: (ratio) => withCaveatsOfArms(ratio, doubts), planned });
    if (found !== null) return { ...found, includesRedis: metric === 'total_cpu_ratio_to_arm' };
  }
  return null;
}
