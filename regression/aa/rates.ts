/** Computes error rates from forks: groups them into comparisons, judges each as `compare` would, and counts. Pure. */
import type { Static } from 'typebox';
import { Type } from '../../core/schema.ts';
import type { Estimate, Interval } from '../../core/stats/interval.ts';
import { mean } from '../../core/stats/location.ts';
import { proportion } from '../../core/stats/proportion.ts';
import { type Design, designOf } from '../../core/stats/sequential.ts';
import { CONFIDENCE } from '../compare/contest.ts';
import { isRedByCost } from '../compare/regressions.ts';
import { type Judgement, judge } from '../compare/verdict.ts';

/** One fork of a reference and its sides: a line of the file that `--keep` writes. */
export const AaFork = Type.Object(
  {
    arm: Type.String(),
    /** Where, with what and when it was measured: rates are those of one class of machine and one version. */
    machineClass: Type.String({ minLength: 1 }),
    /** Of Tollgate and of Node. */
    version: Type.String({ minLength: 1 }),
    /** ISO 8601, UTC. */
    at: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z$' }),
    /** The time of all its sides. */
    seconds: Type.Number({ exclusiveMinimum: 0 }),
    referenceUs: Type.Number(),
    /** ln(side / reference) by the injected percentage of CPU time; `0` is an identical server. */
    logRatios: Type.Record(Type.String(), Type.Number()),
    /** What garbage collection adds, in the same way; without a side whose turns nearly all contained a collection. */
    gcLogRatios: Type.Record(Type.String(), Type.Number()),
  },
  { additionalProperties: false },
);
export type AaFork = Static<typeof AaFork>;

/** How one kind of comparison is judged. */
export interface Rule {
  /** 0 for identical servers. */
  readonly slowdownPct: number;
  /** The time of one comparison of two sides. */
  readonly seconds: number;
  /** Null judges only whether the interval contains 1. */
  readonly marginPct: number | null;
  /** The maximum for identical servers, the minimum for slowed ones; null if there is no target. */
  readonly target: number | null;
}

export interface Rate extends Rule {
  readonly hits: number;
  readonly trials: number;
  readonly rate: Estimate;
  readonly forksEach: number;
  /** The mean number of forks until the verdict. */
  readonly forksUsed: number;
  /** Each comparison's ratio, in order. */
  readonly ratios: readonly Interval[];
}

/** A comparison has two sides; a fork with several sides and a shared reference takes that many halves of its time. */
export function secondsOfPair({ seconds, logRatios }: AaFork): number {
  return (seconds * 2) / (1 + Object.keys(logRatios).length);
}

const FEWEST = 4;

export function forksIn(seconds: number, forks: readonly AaFork[]): number {
  return forksOf(seconds, mean(forks.map(secondsOfPair)));
}

/** A tenth more, because a comparison also begins a last fork that ends a little late. */
const forksOf = (seconds: number, pairSeconds: number) => Math.max(FEWEST, Math.floor((seconds * 1.1) / pairSeconds));

/** An estimate of the time of a reference and one side, until a fork has shown it. */
const USUAL_PAIR_SECONDS = 7;

/** The forks that say something about a rule: those that had its slowdown. */
function forksFor({ slowdownPct }: Rule, forks: readonly AaFork[]): readonly AaFork[] {
  return forks.filter(({ logRatios }) => logRatios[String(slowdownPct)] !== undefined);
}

/** The time of a reference and one side, in seconds. */
const pairSecondsOf = (forks: readonly AaFork[]) =>
  forks.length === 0 ? USUAL_PAIR_SECONDS : mean(forks.map(secondsOfPair));

/** Forks that a rule still needs for this many comparisons. */
function missingFor(comparisons: number, rule: Rule, forks: readonly AaFork[]): number {
  const own = forksFor(rule, forks);
  return Math.max(0, comparisons * forksOf(rule.seconds, pairSecondsOf(own)) - own.length);
}

/** Forks that must still be measured: each serves all rules, so the rule that lacks most decides. */
export function missingForks(comparisons: number, rules: readonly Rule[], forks: readonly AaFork[]): number {
  return Math.max(0, ...rules.map((rule) => missingFor(comparisons, rule, forks)));
}

/**
 * How long the missing forks take, in seconds.
 *
 * @param sides without the reference @param prior forks that exist already
 */
export function secondsFor(
  comparisons: number,
  rules: readonly Rule[],
  sides: number,
  prior: readonly AaFork[],
): number {
  return missingForks(comparisons, rules, prior) * pairSecondsOf(prior) * ((1 + sides) / 2);
}

/** Judges look by look, as `compare` does: the first verdict that is known, or the last look. */
function firstVerdict(logRatios: readonly number[], design: Design, marginPct: number): Judgement {
  for (let forks = design.firstLook; forks < logRatios.length; forks++) {
    const judged = judge(logRatios.slice(0, forks), design, { marginPct });
    if (judged.verdict !== 'cannot-tell') return judged;
  }
  return judge(logRatios, design, { marginPct });
}

/** Whether it was called slower; for identical servers, whether it was called different at all. */
function isHit({ slowdownPct, marginPct }: Rule, judged: Judgement, gc: Judgement | null): boolean {
  const { verdict, ratio } = judged;
  const [slower, faster] =
    marginPct === null ? [ratio.low > 1, ratio.high < 1] : [isRedByCost(judged, gc), verdict === 'faster'];
  return slower || (slowdownPct === 0 && faster);
}

/** @returns null if a fork has no separate term, as in a comparison */
function gcOf(key: string, forks: readonly AaFork[], design: Design, marginPct: number): Judgement | null {
  const logs = forks.flatMap(({ gcLogRatios }) => gcLogRatios[key] ?? []);
  return logs.length < forks.length ? null : judge(logs, design, { marginPct });
}

/** @returns null if there are too few forks for one comparison */
export function rateOf(rule: Rule, forks: readonly AaFork[]): Rate | null {
  const key = String(rule.slowdownPct);
  const own = forksFor(rule, forks);
  if (own.length === 0) return null;
  const each = forksIn(rule.seconds, own);
  const trials = Math.floor(own.length / each);
  if (trials === 0) return null;
  // Without intermediate looks, the single look spends the whole error budget.
  const firstLook = rule.marginPct === null ? each : FEWEST;
  const design = designOf({ confidence: CONFIDENCE, firstLook, mostForks: each });
  const judged = Array.from({ length: trials }, (_, trial) => {
    const its = own.slice(trial * each, (trial + 1) * each);
    const logs = its.map(({ logRatios }) => logRatios[key] ?? Number.NaN);
    const marginPct = rule.marginPct ?? 1e-9;
    return { ...firstVerdict(logs, design, marginPct), gc: gcOf(key, its, design, marginPct) };
  });
  const hits = judged.filter((one) => isHit(rule, one, one.gc)).length;
  return {
    ...rule,
    hits,
    trials,
    rate: proportion(hits, trials),
    forksEach: each,
    forksUsed: judged.reduce((sum, { ratio }) => sum + ratio.forks, 0) / trials,
    ratios: judged.map(({ ratio: { value, low, high } }) => ({ value, low, high })),
  };
}

/** A rule without a rate: its first comparison needs more forks. */
export interface Unrated extends Rule {
  readonly forks: number;
  readonly needed: number;
}

/** @returns null if it has a rate */
export function unratedOf(rule: Rule, forks: readonly AaFork[]): Unrated | null {
  const own = forksFor(rule, forks);
  const needed = own.length === 0 ? FEWEST : forksIn(rule.seconds, own);
  return own.length < needed ? { ...rule, forks: own.length, needed } : null;
}

/** Whether the observed share meets the target; a rate of few trials shows neither. */
export function meets({ slowdownPct, target, rate }: Rate): boolean | null {
  if (target === null) return null;
  return slowdownPct === 0 ? rate.value <= target : rate.value >= target;
}
