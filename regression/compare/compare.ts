/** Compares two builds side by side: first what can be counted, then CPU time, arm by arm. */

import type { FleetEnvironment, FleetSpec } from '../../bench/fleet/fleet.ts';
import { type Generator, startGenerator } from '../../bench/load/generator.ts';
import { ALIKE_OPTIMISED } from '../../bench/processes/v8-flags.ts';
import { thenEnding } from '../../core/errors.ts';
import { createRandom } from '../../core/stats/random.ts';
import { formatRatio } from '../../core/text/format.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Counters } from '../counters/perf.ts';
import type { ProfiledStart } from '../explain/shifts.ts';
import { countGuards } from '../guards/count.ts';
import { compareCounts, type GuardChange } from '../guards/counts.ts';
import { compareInstructions, countInstructions, type InstructionChange } from '../instructions/count.ts';
import { allot } from './allot.ts';
import { armOf, type Build } from './build.ts';
import { Contest, type ContestOptions } from './contest.ts';
import type { CostMetric } from './costs/costs.ts';
import type { Side } from './fork.ts';
import { paceFor } from './pace.ts';
import { startable } from './startable.ts';
import type { Judgement } from './verdict.ts';

export interface CompareOptions {
  readonly environment: FleetEnvironment;
  readonly base: Build;
  readonly head: Build;
  /** Arms in order; each is in at least one of the two builds. */
  readonly arms: readonly string[];
  readonly metrics: readonly CostMetric[];
  readonly marginPct: number;
  /** The budget of the whole comparison, excluding the builds. */
  readonly budgetSeconds: number;
  /** True counts only, and measures no CPU time. */
  readonly guardsOnly: boolean;
  /** The margin of the instruction count, in percent; null skips it. It is not part of the budget. */
  readonly instructionsMarginPct: number | null;
  /** The program that reads hardware counters, or null. */
  readonly perf: string | null;
  /** Receives the profiled starts of each arm; if absent, none is profiled. */
  readonly onProfiles?: (arm: string, starts: readonly ProfiledStart[]) => void;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (step: string, live: string | undefined, secondsLeft: number) => void;
  /** Called when an arm’s counts are known, and again when its costs are. */
  readonly onArm: (arm: ArmComparison) => void;
}

export interface CostComparison {
  readonly metric: CostMetric;
  /** The whole cost, including garbage collection. */
  readonly judged: Judgement;
  readonly baseUs: number;
  readonly headUs: number;
  readonly parts: CostParts | null;
  readonly forks: number;
  readonly seconds: number;
  /** Whether the servers had a core to themselves. */
  readonly pinned: boolean;
  /** Whether every server was warm, as far as is known. */
  readonly isWarm: boolean;
  /** An estimate of the time until a verdict; 0 if there is one, null if the difference is about as large as the margin. */
  readonly minutesNeeded: number | null;
  /** ln(head / base) of each fork, for later analysis. */
  readonly logRatios: readonly number[];
}

/** The two terms of a cost. Null for Redis, and if nearly every turn contained a collection. */
export interface CostParts {
  /** The ratio of costs without garbage collection. */
  readonly steady: Judgement;
  /** The contribution of garbage collection, as a ratio: 1.03 is 3 % of the base's whole cost. */
  readonly gc: Judgement;
  readonly baseGcUs: number;
  readonly headGcUs: number;
}

export interface ArmComparison {
  readonly arm: string;
  readonly presence: 'both' | 'only-in-base' | 'only-in-head';
  readonly guards: readonly GuardChange[];
  /** Null if instructions were not counted. */
  readonly instructions: InstructionChange | null;
  readonly costs: readonly CostComparison[];
  /** Hardware counters per request, as additional figures without a verdict; null if unavailable. */
  readonly counters: { readonly base: Counters; readonly head: Counters } | null;
}

/**
 * Counts of all arms come first, since they are exact and quick. Then all arms share the remaining time. @returns the
 * results; after an interruption, the partial ones @throws TollgateError if a build does not start or has another
 * contract
 */
export async function compareBuilds(options: CompareOptions): Promise<ArmComparison[]> {
  const { base, head, arms, metrics, guardsOnly, signal } = options;
  const started = performance.now();
  let uncountedMs = 0;
  const left = () => options.budgetSeconds - (performance.now() - started - uncountedMs) / 1000;
  const found = new Map<string, ArmComparison>();
  const note = (comparison: ArmComparison) => {
    found.set(comparison.arm, comparison);
    options.onArm(comparison);
  };
  const contests: ArmContest[] = [];
  const generator = startGenerator(options.environment.janitor);
  const compareAll = async () => {
    for (const arm of arms) {
      const [before, after] = [armOf(base, arm), armOf(head, arm)];
      if (!before || !after) {
        note({
          arm,
          presence: before ? 'only-in-base' : 'only-in-head',
          guards: [],
          instructions: null,
          costs: [],
          counters: null,
        });
        continue;
      }
      options.onProgress(`${arm}: counting`, undefined, left());
      const guards = await guardsOf(options, before, after);
      note({ arm, presence: 'both', guards, instructions: null, costs: [], counters: null });
      const begun = performance.now();
      const instructions = await instructionsOf(options, before, after, left);
      uncountedMs += performance.now() - begun;
      if (instructions !== null) note({ arm, presence: 'both', guards, instructions, costs: [], counters: null });
      const chosen = metrics.filter((metric) => comparable(metric, before, after));
      const sides = sidesOf([base, 'base', before], [head, 'head', after]);
      if (!guardsOnly)
        contests.push(
          new ArmContest(arm, {
            ...contestOptions(options, arm, sides, chosen, generator),
            beside: () => contests,
            perf: options.perf,
            profiled: options.onProfiles !== undefined && base.canProfile && head.canProfile,
          }),
        );
    }
    if (contests.length === 0) return;
    options.onProgress('first fresh starts', undefined, left());
    await allot(contests, Math.max(1, left()), (contest) =>
      options.onProgress(
        `${contest.arm}: fresh start ${contest.forks} of at most ${contest.mostForks}`,
        liveOf(contest.standings()[0]?.judged),
        left(),
      ),
    );
  };
  try {
    await thenEnding(compareAll, () => generator.stop());
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  for (const contest of contests) {
    const comparison = found.get(contest.arm);
    options.onProfiles?.(contest.arm, contest.startsOf('head', 'cpu_us_per_request'));
    if (comparison) note({ ...comparison, costs: costsOf(contest), counters: countersOf(contest) });
  }
  return [...found.values()];
}

async function guardsOf(
  { base, head, environment, signal }: CompareOptions,
  before: ArmInfo,
  after: ArmInfo,
): Promise<GuardChange[]> {
  const counted = await Promise.all([
    startable(base, countGuards(environment, before, base.program)),
    startable(head, countGuards(environment, after, head.program)),
  ]);
  signal.throwIfAborted();
  return compareCounts(...counted);
}

/** @returns null if they are not requested */
async function instructionsOf(
  { base, head, environment, instructionsMarginPct, onProgress, signal }: CompareOptions,
  before: ArmInfo,
  after: ArmInfo,
  left: () => number,
): Promise<InstructionChange | null> {
  if (instructionsMarginPct === null) return null;
  onProgress(`${before.name}: counting instructions`, undefined, left());
  const [fewer, more] = await Promise.all([
    countInstructions(environment, before, base, signal),
    countInstructions(environment, after, head, signal),
  ]);
  return compareInstructions(fewer, more, instructionsMarginPct);
}

class ArmContest extends Contest {
  readonly arm: string;

  constructor(arm: string, options: ContestOptions) {
    super(options);
    this.arm = arm;
  }
}

function contestOptions(
  options: CompareOptions,
  arm: string,
  sides: readonly Side[],
  metrics: readonly CostMetric[],
  generator: Generator,
): ContestOptions {
  const { environment, marginPct, signal, base, head, arms, budgetSeconds } = options;
  return {
    environment,
    generator,
    sides,
    metrics,
    marginPct,
    pace: paceFor(budgetSeconds / arms.length, sides.length, speedOf([base, head])),
    seed: createRandom(options.seed)
      .derive(arm)
      .integer(2 ** 30),
    signal,
  };
}

/** Whether both sides have a cost: an arm without Redis has none of Redis, and no ratio to it. Pure. */
export function comparable(metric: CostMetric, ...sides: readonly Pick<ArmInfo, 'usesRedis'>[]): boolean {
  return metric !== 'redis_cpu_us_per_request' || sides.every(({ usesRedis }) => usesRedis);
}

/** The two sides of a comparison, with equal flags. Pure. */
export function sidesOf(...of: readonly (readonly [Build, string, FleetSpec['arm']])[]): Side[] {
  const sooner = speedOf(of.map(([build]) => build)) === 'sooner';
  return of.map(([build, name, arm]) => ({
    name,
    arm,
    program: { ...build.program, ...(sooner ? { execArgv: ALIKE_OPTIMISED } : {}) },
  }));
}

/** Whether all of them can use flags for early optimisation. Pure. */
export function speedOf(builds: readonly Build[]): 'sooner' | 'byDefault' {
  return builds.every(({ canOptimiseSooner }) => canOptimiseSooner) ? 'sooner' : 'byDefault';
}

function countersOf(contest: Contest): ArmComparison['counters'] {
  const [base, head] = [contest.countersOf('base'), contest.countersOf('head')];
  return base === null || head === null ? null : { base, head };
}

export function costsOf(contest: Contest): CostComparison[] {
  const { forks, seconds, secondsPerFork, pinned, isWarm } = contest;
  return contest.standings().map(({ metric, judged, parts, forksNeeded, logRatios, ...us }) => ({
    metric,
    judged,
    baseUs: us.referenceUs,
    headUs: us.sideUs,
    parts: parts && { ...parts, baseGcUs: us.referenceGcUs, headGcUs: us.sideGcUs },
    forks,
    seconds,
    pinned,
    isWarm,
    minutesNeeded: forksNeeded === null ? null : (forksNeeded * secondsPerFork) / 60,
    logRatios,
  }));
}

function liveOf(judged: Judgement | undefined): string | undefined {
  if (!judged || !Number.isFinite(judged.ratio.high)) return undefined;
  return formatRatio(judged.ratio);
}
