/** How often does the comparison cry wolf, and how often does it miss a known slowdown? */
import type { ArmInfo } from '../../servers/contract.ts';
import type { Ground } from '../fleet/fleet.ts';
import type { Estimate } from '../stats/estimate.ts';
import { proportion } from '../stats/proportion.ts';
import { createRandom } from '../stats/random.ts';
import { type Compared, type Comparison, calledDifferent, calledSlower, compare, type Side } from './compare.ts';

export interface AaOptions {
  readonly ground: Ground;
  readonly arm: ArmInfo;
  readonly comparisons: number;
  /** For one comparison of two sides. */
  readonly seconds: number;
  /** Per cent. */
  readonly slowdowns: readonly number[];
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onComparison: (done: number, comparisons: readonly Comparison[]) => void;
}

export interface AaResult {
  readonly arm: string;
  readonly comparisons: number;
  readonly secondsEach: number;
  readonly forksEach: number;
  readonly blocksEach: number;
  readonly rule: string;
  readonly referenceCpuUs: number;
  readonly falseAlarms: Rate;
  readonly detections: readonly (Rate & { readonly slowdownPct: number; readonly measuredPct: Estimate })[];
}

export interface Rate {
  readonly hits: number;
  readonly trials: number;
  readonly rate: Estimate;
  /** Each comparison's ratio, in the order in which they were made. */
  readonly ratios: readonly { readonly value: number; readonly low: number; readonly high: number }[];
}

const REFERENCE: Side = { name: 'reference', burnIterations: 0 };
const SAME: Side = { name: 'same', burnIterations: 0 };
/** Enough arithmetic to be told from noise at once, to learn what an iteration costs beside a request. */
const PILOT_ITERATIONS = 20_000;
const slowed = (pct: number) => `slower by ${pct} %`;

/** Iterations that add `pct` per cent to a request. Pure. */
export function iterationsFor(pct: number, pilotRatio: number): number {
  return Math.max(1, Math.round((PILOT_ITERATIONS * pct) / 100 / (pilotRatio - 1)));
}

/** A comparison of k + 1 sides shares its reference, so it takes the time of (k + 1) / 2 comparisons of two. */
function sharedSeconds(seconds: number, sides: number): number {
  return (seconds * sides) / 2;
}

/** @throws TollgateError when a process dies; Error when interrupted before the first comparison is done */
export async function measureAa(options: AaOptions): Promise<AaResult> {
  const { ground, arm, seconds, slowdowns, signal } = options;
  const random = createRandom(options.seed);
  const pilotSides = [REFERENCE, { name: 'pilot', burnIterations: PILOT_ITERATIONS }];
  const seedOf = (label: string) => random.fork(label).integer(2 ** 31);
  const pilot = await compare({
    ground,
    arm,
    sides: pilotSides,
    seconds: Math.max(8, seconds),
    seed: seedOf('pilot'),
    signal,
  });
  const pilotRatio = pilot.comparisons[0]?.ratio.value ?? Number.NaN;
  const sides: Side[] = [
    REFERENCE,
    SAME,
    ...slowdowns.map((pct) => ({ name: slowed(pct), burnIterations: iterationsFor(pct, pilotRatio) })),
  ];
  const all: Compared[] = [];
  for (let i = 0; i < options.comparisons && !signal.aborted; i++) {
    try {
      all.push(
        await compare({
          ground,
          arm,
          sides,
          seconds: sharedSeconds(seconds, sides.length),
          seed: seedOf(`comparison ${i}`),
          signal,
        }),
      );
    } catch (error) {
      if (signal.aborted && all.length > 0) break;
      throw error;
    }
    options.onComparison(i + 1, all.at(-1)?.comparisons ?? []);
  }
  return summarise(options, all);
}

function summarise({ arm, seconds, slowdowns }: AaOptions, all: readonly Compared[]): AaResult {
  const of = (name: string) => all.flatMap(({ comparisons }) => comparisons.filter(({ side }) => side === name));
  const rate = (found: readonly Comparison[], hit: (comparison: Comparison) => boolean): Rate => {
    const hits = found.filter(hit).length;
    return {
      hits,
      trials: found.length,
      rate: proportion(hits, found.length),
      ratios: found.map(({ ratio: { value, low, high } }) => ({ value, low, high })),
    };
  };
  return {
    arm: arm.name,
    comparisons: all.length,
    secondsEach: seconds,
    forksEach: all[0]?.forks ?? 0,
    blocksEach: all[0]?.blocks ?? 0,
    rule: 'the 99 % interval of the CPU ratio excludes 1',
    referenceCpuUs: all.reduce((sum, { referenceUs }) => sum + referenceUs, 0) / all.length,
    falseAlarms: rate(of(SAME.name), calledDifferent),
    detections: slowdowns.map((slowdownPct) => {
      const found = of(slowed(slowdownPct));
      return { slowdownPct, measuredPct: measuredSlowdown(found), ...rate(found, calledSlower) };
    }),
  };
}

/** What the slowdown was, over all comparisons: near what was asked, or the injection is not what it claims. */
function measuredSlowdown(found: readonly Comparison[]): Estimate {
  const logs = found.map(({ ratio }) => Math.log(ratio.value));
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const spread = Math.sqrt(
    logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / Math.max(1, logs.length - 1) / logs.length,
  );
  const pct = (log: number) => 100 * (Math.exp(log) - 1);
  return {
    value: pct(mean),
    low: pct(mean - 1.96 * spread),
    high: pct(mean + 1.96 * spread),
    confidence: 0.95,
    blocks: logs.length,
    forks: logs.length,
  };
}
