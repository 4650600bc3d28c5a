/**
 * Compares several sides of one arm with the first of them, fork after fork. It is the engine of `compare`, `bisect`
 * and `aa`; `allot.ts` decides which contest gets the next fork.
 */
import type { FleetEnvironment } from '../../bench/fleet/fleet.ts';
import { type Generator, startGenerator } from '../../bench/load/generator.ts';
import { thenEnding } from '../../core/errors.ts';
import { mean } from '../../core/stats/location.ts';
import { createRandom } from '../../core/stats/random.ts';
import { type Design, designOf, extendDesign, type SpreadPrior, spreadPriorOf } from '../../core/stats/sequential.ts';
import type { Counters } from '../counters/perf.ts';
import type { ProfiledStart } from '../explain/shifts.ts';
import { allot, FIRST_LOOK, secondsPerFork } from './allot.ts';
import { type CostMetric, type PairedCost, pairedCost, totalUs } from './costs/costs.ts';
import { type ForkResult, type Pace, runFork, type Side } from './fork.ts';
import { forksNeeded, type Judgement, judge } from './verdict.ts';

/** More forks than this take time and add little. */
const MOST_FORKS = 120;
export const CONFIDENCE = 0.99;
/**
 * With fewer profiled starts, the intervals of functions are wide: Student's t, for a hundred functions together, is
 * 16 with four starts, 8 with six and 6 with eight.
 */
const LEAST_PROFILED = 8;

export interface ContestOptions {
  readonly environment: FleetEnvironment;
  readonly generator: Generator;
  /** The first is the reference. */
  readonly sides: readonly Side[];
  readonly metrics: readonly CostMetric[];
  readonly marginPct: number;
  /** The other contests of this comparison, which inform the spread of forks on this machine. */
  readonly beside?: () => readonly Contest[];
  /** The program that reads hardware counters; default none. */
  readonly perf?: string | null;
  /** Whether each fork also takes CPU profiles; default false. */
  readonly profiled?: boolean;
  readonly pace: Pace;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** One side with one metric. */
export interface Standing {
  readonly side: string;
  readonly metric: CostMetric;
  /** The verdict when it became known, otherwise after the last fork. */
  readonly judged: Judgement;
  /** The cost without garbage collection, and its contribution; null if nearly every turn contained a collection. */
  readonly parts: { readonly steady: Judgement; readonly gc: Judgement } | null;
  /** How many more forks a verdict needs: 0 if it is known, null if the difference is about as large as the margin. */
  readonly forksNeeded: number | null;
  /** ln(side / reference) of each fork. */
  readonly logRatios: readonly number[];
  /** CPU µs per request, means over forks. */
  readonly referenceUs: number;
  readonly sideUs: number;
  readonly referenceGcUs: number;
  readonly sideGcUs: number;
}

/** Forks of the sides of one arm, and their results so far. */
export class Contest {
  readonly #options: ContestOptions;
  readonly #random;
  readonly #forks: ForkResult[] = [];
  readonly #known = new Map<string, Judgement>();
  #design: Design | null = null;
  #seconds = 0;

  constructor(options: ContestOptions) {
    this.#options = options;
    this.#random = createRandom(options.seed);
  }

  get forks(): number {
    return this.#forks.length;
  }

  /** The time that its forks took. */
  get seconds(): number {
    return this.#seconds;
  }

  get secondsPerFork(): number {
    return secondsPerFork(this.#forks);
  }

  /** Whether the servers had a core to themselves. */
  get pinned(): boolean {
    return this.#forks.every(({ pinned }) => pinned);
  }

  /** Whether every server was warm, as far as is known. */
  get isWarm(): boolean {
    return this.#forks.every(({ isWarm }) => isWarm);
  }

  get isKnown(): boolean {
    const { sides, metrics } = this.#options;
    return this.#known.size === (sides.length - 1) * metrics.length;
  }

  get leastForks(): number {
    return this.#options.profiled === true ? LEAST_PROFILED : 0;
  }

  get mostForks(): number {
    return this.#design?.mostForks ?? MOST_FORKS;
  }

  /**
   * Fixes the number of forks, or raises it: the error rate of the looks requires that it is fixed before the results
   * are seen, and never changed because of them.
   */
  plan(forks: number): void {
    const mostForks = Math.min(MOST_FORKS, Math.max(FIRST_LOOK, forks));
    this.#design =
      this.#design === null
        ? designOf({ confidence: CONFIDENCE, firstLook: FIRST_LOOK, mostForks })
        : extendDesign(this.#design, this.forks, mostForks);
  }

  /** @throws TollgateError if a side does not start or dies; the signal's reason if interrupted */
  async fork(): Promise<void> {
    const { environment, generator, sides, pace, signal, perf = null, profiled = false } = this.#options;
    const seed = this.#random.derive(`fork ${this.forks}`).integer(2 ** 30);
    const fork = await runFork(environment, generator, sides, pace, seed, signal, { perf, profiled });
    this.#forks.push(fork);
    this.#seconds += fork.seconds;
    const design = this.#design;
    if (design !== null) for (const standing of this.standings()) this.#learn(standing);
  }

  /** Hardware counters of a side per request, means over the forks that have them; null if none has. */
  countersOf(side: string): Counters | null {
    const counted = this.#forks.flatMap(({ counters }) => counters.get(side) ?? []);
    if (counted.length === 0) return null;
    const cycles = counted.flatMap((each) => each.cycles ?? []);
    return {
      instructions: mean(counted.map(({ instructions }) => instructions)),
      cycles: cycles.length === 0 ? null : mean(cycles),
    };
  }

  /** Stacks of the reference and of a side in each profiled fork, with the cost of a request there. */
  startsOf(side: string, metric: CostMetric): ProfiledStart[] {
    const reference = this.#options.sides[0]?.name ?? '';
    return this.#forks.flatMap(({ turns, stacks }): ProfiledStart[] => {
      const cost = forkCost(turns, reference, side, metric);
      const [base, head] = [stacks.get(reference), stacks.get(side)];
      if (cost === null || base === undefined || head === undefined) return [];
      return [
        {
          base: { stacks: base, requestUs: totalUs(cost.reference) },
          head: { stacks: head, requestUs: totalUs(cost.side) },
        },
      ];
    });
  }

  /** Empty before the number of forks is fixed. */
  standings(): Standing[] {
    const design = this.#design;
    const [reference, ...others] = this.#options.sides;
    if (design === null || reference === undefined) return [];
    return others.flatMap(({ name }) =>
      this.#options.metrics.map((metric) => this.#standingOf(reference.name, name, metric, design)),
    );
  }

  /** ln(side / reference) of each fork, for each side. */
  logRatiosOf(metric: CostMetric): number[][] {
    const [reference, ...others] = this.#options.sides;
    return others.map(({ name }) =>
      this.#forks
        .flatMap(({ turns }) => forkCost(turns, reference?.name ?? '', name, metric)?.total ?? [])
        .filter(Number.isFinite),
    );
  }

  #priorOf(metric: CostMetric): SpreadPrior | null {
    const others = (this.#options.beside?.() ?? []).filter((other) => other !== this);
    return spreadPriorOf(others.flatMap((other) => other.logRatiosOf(metric)));
  }

  #learn({ side, metric, judged }: Standing): void {
    if (judged.verdict !== 'cannot-tell') this.#known.set(`${side} ${metric}`, judged);
  }

  #standingOf(reference: string, side: string, metric: CostMetric, design: Design): Standing {
    const margin = { marginPct: this.#options.marginPct };
    const costs = this.#forks.flatMap(({ turns }) => forkCost(turns, reference, side, metric) ?? []);
    const logRatios = costs.map(({ total }) => total).filter(Number.isFinite);
    const prior = this.#priorOf(metric);
    const judged = this.#known.get(`${side} ${metric}`) ?? judge(logRatios, design, margin, prior);
    const parts = costs.flatMap((cost) => cost.parts ?? []);
    const meanOf = (value: (cost: PairedCost) => number) => (costs.length === 0 ? Number.NaN : mean(costs.map(value)));
    return {
      side,
      metric,
      judged,
      parts:
        metric === 'redis_cpu_us_per_request' || parts.length < costs.length
          ? null
          : {
              steady: judge(
                parts.map(({ steady }) => steady),
                design,
                margin,
              ),
              gc: judge(
                parts.map(({ gc }) => gc),
                design,
                margin,
              ),
            },
      forksNeeded: judged.verdict === 'cannot-tell' ? forksNeeded(logRatios, design, margin, prior) : 0,
      logRatios,
      referenceUs: meanOf((cost) => totalUs(cost.reference)),
      sideUs: meanOf((cost) => totalUs(cost.side)),
      referenceGcUs: meanOf((cost) => cost.reference.gcUs),
      sideGcUs: meanOf((cost) => cost.side.gcUs),
    };
  }
}

/** @returns null if the fork has no measurement of it */
export function forkCost(
  turns: ForkResult['turns'],
  reference: string,
  side: string,
  metric: CostMetric,
): PairedCost | null {
  return pairedCost(turns.get(reference) ?? [], turns.get(side) ?? [], metric);
}

/** One contest within a time. @throws TollgateError if a side does not start or dies; the signal's reason if interrupted */
export async function runContest(
  options: Omit<ContestOptions, 'generator'> & { readonly budgetSeconds: number },
): Promise<readonly Standing[]> {
  const generator = startGenerator(options.environment.janitor);
  return thenEnding(
    async () => {
      const contest = new Contest({ ...options, generator });
      await allot([contest], options.budgetSeconds, () => {});
      return contest.standings();
    },
    () => generator.stop(),
  );
}
