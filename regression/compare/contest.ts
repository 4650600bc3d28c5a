/**
 * Compares several sides of one arm with the first of them, fork after fork, until every verdict is known or the time is
 * spent. It is the engine of `compare`, `bisect` and `aa`.
 */
import type { FleetEnvironment } from '../../bench/fleet/fleet.ts';
import { type Generator, startGenerator } from '../../bench/load/generator.ts';
import { hodgesLehmann, mean, median } from '../../core/stats/location.ts';
import { createRandom } from '../../core/stats/random.ts';
import { type Design, designOf } from '../../core/stats/sequential.ts';
import { type Costs, type ForkResult, type Pace, runFork, type Side } from './fork.ts';
import { forksNeeded, type Judged, judge } from './verdict.ts';

/** What can be compared by sampling. */
export const COST_METRICS = ['cpu_us_per_request', 'redis_cpu_us_per_request', 'total_cpu_us_per_request'] as const;
export type CostMetric = (typeof COST_METRICS)[number];

/** Fewer fresh starts than this say too little about how much starts differ. */
const FIRST_LOOK = 4;
/** More forks than this take time and add little. */
const MOST_FORKS = 120;
export const CONFIDENCE = 0.99;

export interface ContestOptions {
  readonly environment: FleetEnvironment;
  /** The first is the reference. */
  readonly sides: readonly Side[];
  readonly metric: CostMetric;
  readonly marginPct: number;
  readonly budgetSeconds: number;
  readonly pace: Pace;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onFork?: (standings: readonly Standing[], forks: number, mostForks: number) => void;
}

export interface Standing {
  readonly side: string;
  /** The verdict when it became known, or else after the last fork. */
  readonly judged: Judged;
  /** How many more forks a verdict needs: 0 if it is known, null if the difference is about as large as the margin. */
  readonly forksNeeded: number | null;
  /** ln(side / reference) of each fork. */
  readonly logRatios: readonly number[];
  /** CPU µs per request in each fork's median turn. */
  readonly costsUs: readonly number[];
}

export interface ContestResult {
  readonly standings: readonly Standing[];
  readonly referenceUs: number;
  readonly forks: number;
  readonly seconds: number;
  readonly secondsPerFork: number;
  readonly pinned: boolean;
  readonly stoppedBy: 'known' | 'budget';
}

/** µs per request in each turn; empty if it was not measured. */
export function costsOf(costs: Costs | undefined, metric: CostMetric): readonly number[] {
  if (!costs) return [];
  if (metric === 'cpu_us_per_request') return costs.replicaUs;
  if (metric === 'redis_cpu_us_per_request') return costs.redisUs;
  return costs.redisUs.length === 0
    ? costs.replicaUs
    : costs.replicaUs.map((us, i) => us + (costs.redisUs[i] ?? Number.NaN));
}

/**
 * The typical ln(side / reference) of pairs that share the machine's state; NaN if there are no pairs. It is a robust
 * location, because one turn in which the machine stalled, or one side alone collected garbage, must not decide a fork.
 * Pure.
 */
export function logRatioOf(reference: readonly number[], side: readonly number[]): number {
  const logs = side.flatMap((us, i) => {
    const base = reference[i];
    return base !== undefined && base > 0 && us > 0 ? [Math.log(us / base)] : [];
  });
  return logs.length === 0 ? Number.NaN : hodgesLehmann(logs);
}

/**
 * The number of forks, fixed before their results are seen, as the error rate of the looks requires. It follows from the
 * time of the second fork, because the first one also fills caches. Pure.
 */
export function designFor(budgetSeconds: number, firstSeconds: number, secondSeconds: number): Design {
  const fit = 1 + Math.floor((budgetSeconds - firstSeconds) / secondSeconds);
  return designOf({
    confidence: CONFIDENCE,
    firstLook: FIRST_LOOK,
    mostForks: Math.min(MOST_FORKS, Math.max(FIRST_LOOK, fit)),
  });
}

/** @throws TollgateError if a side does not start or dies; the signal's reason if interrupted */
export async function runContest(options: ContestOptions): Promise<ContestResult> {
  const generator = startGenerator(options.environment.janitor);
  try {
    return await contest(options, generator);
  } finally {
    await generator.stop();
  }
}

async function contest(options: ContestOptions, generator: Generator): Promise<ContestResult> {
  const { environment, sides, metric, budgetSeconds, pace, signal } = options;
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const random = createRandom(options.seed);
  const [reference, ...others] = sides;
  if (!reference) throw new Error('a contest needs a reference');
  const forks: ForkResult[] = [];
  const known = new Map<string, Judged>();
  let design: Design | null = null;
  for (;;) {
    const seed = random.derive(`fork ${forks.length}`).integer(2 ** 30);
    const fork = await runFork(environment, generator, sides, pace, seed, signal);
    const first = forks[0];
    forks.push(fork);
    if (first === undefined) continue;
    design ??= designFor(budgetSeconds, first.seconds, fork.seconds);
    const standings = others.map((side) => standingOf(forks, reference, side, design as Design, options, known));
    options.onFork?.(standings, forks.length, design.mostForks);
    const allKnown = known.size === others.length;
    const noMore = forks.length >= design.mostForks || noRoom(forks, elapsed(), budgetSeconds);
    if (allKnown || noMore) {
      return {
        standings,
        referenceUs: mean(forkCosts(forks, reference.name, metric)),
        forks: forks.length,
        seconds: elapsed(),
        secondsPerFork: elapsed() / forks.length,
        pinned: forks.every(({ pinned }) => pinned),
        stoppedBy: allKnown ? 'known' : 'budget',
      };
    }
  }
}

/** Allows a few more forks than the time does if there would otherwise be no look at all. */
function noRoom(forks: readonly ForkResult[], elapsedSeconds: number, budgetSeconds: number): boolean {
  const next = forks.at(-1)?.seconds ?? 0;
  return forks.length >= FIRST_LOOK && elapsedSeconds + next > budgetSeconds * 1.05;
}

function standingOf(
  forks: readonly ForkResult[],
  reference: Side,
  side: Side,
  design: Design,
  { metric, marginPct }: ContestOptions,
  known: Map<string, Judged>,
): Standing {
  const logRatios = forks
    .map(({ costs }) => logRatioOf(costsOf(costs.get(reference.name), metric), costsOf(costs.get(side.name), metric)))
    .filter(Number.isFinite);
  const judged = known.get(side.name) ?? judge(logRatios, design, { marginPct });
  if (judged.verdict !== 'cannot-tell') known.set(side.name, judged);
  const needed = judged.verdict === 'cannot-tell' ? forksNeeded(logRatios, design, { marginPct }) : 0;
  return { side: side.name, judged, forksNeeded: needed, logRatios, costsUs: forkCosts(forks, side.name, metric) };
}

function forkCosts(forks: readonly ForkResult[], side: string, metric: CostMetric): number[] {
  return forks
    .map(({ costs }) => costsOf(costs.get(side), metric))
    .filter(({ length }) => length > 0)
    .map(median);
}
