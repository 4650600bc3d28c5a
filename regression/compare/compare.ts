/** Two builds side by side: what can be counted first, then CPU time, arm by arm. */

import type { FleetEnvironment, FleetSpec } from '../../bench/fleet/fleet.ts';
import { ALIKE_OPTIMISED } from '../../bench/processes/optimised.ts';
import { environmentError, TollgateError } from '../../core/errors.ts';
import { mean } from '../../core/stats/location.ts';
import { createRandom } from '../../core/stats/random.ts';
import { formatFixed, formatRatio, formatUpTo } from '../../core/text/format.ts';
import { countGuards } from '../guards/count.ts';
import { compareCounts, type GuardChange } from '../guards/counts.ts';
import { armOf, type Build } from './build.ts';
import { type ContestResult, type CostMetric, runContest } from './contest.ts';
import type { Side } from './fork.ts';
import { paceFor } from './pace.ts';
import type { Judged } from './verdict.ts';

export interface CompareOptions {
  readonly environment: FleetEnvironment;
  readonly base: Build;
  readonly head: Build;
  /** In this order; each in at least one of the two. */
  readonly arms: readonly string[];
  readonly metrics: readonly CostMetric[];
  readonly marginPct: number;
  /** For the whole comparison, builds not counted. */
  readonly budgetSeconds: number;
  /** True counts only, and measures no CPU time. */
  readonly guardsOnly: boolean;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (step: string, live: string | undefined, secondsLeft: number) => void;
  /** Called as soon as an arm is done. */
  readonly onArm: (arm: ArmComparison) => void;
}

export interface CostComparison {
  readonly metric: CostMetric;
  readonly judged: Judged;
  readonly baseUs: number;
  readonly headUs: number;
  readonly forks: number;
  readonly seconds: number;
  /** Whether the servers had a core to themselves. */
  readonly pinned: boolean;
  /** An estimate of the time until a verdict; 0 if there is one, null if the difference is about as large as the margin. */
  readonly minutesNeeded: number | null;
  /** ln(head / base) of each fork, for later analysis. */
  readonly logRatios: readonly number[];
}

export interface ArmComparison {
  readonly arm: string;
  readonly presence: 'both' | 'only-in-base' | 'only-in-head';
  readonly guards: readonly GuardChange[];
  readonly costs: readonly CostComparison[];
}

/** A change for the worse, which fails the comparison. */
export interface Regression {
  readonly arm: string;
  readonly metric: string;
  readonly text: string;
}

/** @throws TollgateError if a build does not start or has another contract; the signal's reason if interrupted */
export async function compareBuilds(options: CompareOptions): Promise<ArmComparison[]> {
  const started = performance.now();
  const left = () => options.budgetSeconds - (performance.now() - started) / 1000;
  const found: ArmComparison[] = [];
  for (const [i, name] of options.arms.entries()) {
    const share = left() / (options.arms.length - i);
    const arm = await compareArm(options, name, Math.max(1, share), left);
    found.push(arm);
    options.onArm(arm);
  }
  return found;
}

async function compareArm(
  options: CompareOptions,
  name: string,
  budgetSeconds: number,
  left: () => number,
): Promise<ArmComparison> {
  const { base, head, environment } = options;
  const started = performance.now();
  const [before, after] = [armOf(base, name), armOf(head, name)];
  if (!before || !after) {
    return { arm: name, presence: before ? 'only-in-base' : 'only-in-head', guards: [], costs: [] };
  }
  options.onProgress(`${name}: counting`, undefined, left());
  const counted = await Promise.all([
    startable(base, countGuards(environment, before, base.program)),
    startable(head, countGuards(environment, after, head.program)),
  ]);
  options.signal.throwIfAborted();
  const guards = compareCounts(...counted);
  const costs: CostComparison[] = [];
  if (!options.guardsOnly) {
    const sides = sidesOf([base, 'base', before], [head, 'head', after]);
    const metrics = options.metrics.filter((metric) => metric === 'cpu_us_per_request' || after.usesRedis);
    for (const [i, metric] of metrics.entries()) {
      const spent = (performance.now() - started) / 1000;
      const seconds = Math.max(1, (budgetSeconds - spent) / (metrics.length - i));
      costs.push(await compareCost(options, name, sides, metric, seconds, left));
    }
  }
  return { arm: name, presence: 'both', guards, costs };
}

/** The two sides of a comparison, under equal flags. Pure. */
export function sidesOf(...of: readonly (readonly [Build, string, FleetSpec['arm']])[]): Side[] {
  const sooner = speedOf(of.map(([build]) => build)) === 'sooner';
  return of.map(([build, name, arm]) => ({
    name,
    arm,
    program: { ...build.program, ...(sooner ? { execArgv: ALIKE_OPTIMISED } : {}) },
  }));
}

/** How soon code of all of them can be optimised. Pure. */
export function speedOf(builds: readonly Build[]): 'sooner' | 'byDefault' {
  return builds.every(({ canOptimiseSooner }) => canOptimiseSooner) ? 'sooner' : 'byDefault';
}

/** Whatever keeps a build from starting is said of the build, and a contract of another time is named as such. */
export async function startable<T>(build: Build, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof TollgateError)) throw error;
    if (/message to the replica is wrong|was not ready within/.test(error.message)) {
      throw environmentError(
        `${build.label} speaks another contract between bench and replica: ${error.message}`,
        'compare with a later version, or run the comparison from the older checkout',
      );
    }
    throw environmentError(`${build.label} does not run: ${error.message}`, error.hint);
  }
}

async function compareCost(
  options: CompareOptions,
  name: string,
  sides: readonly Side[],
  metric: CostMetric,
  budgetSeconds: number,
  left: () => number,
): Promise<CostComparison> {
  const { environment, marginPct, signal } = options;
  const pace = paceFor(budgetSeconds, sides.length, speedOf([options.base, options.head]));
  const seed = createRandom(options.seed)
    .derive(`${name} ${metric}`)
    .integer(2 ** 30);
  options.onProgress(`${name}: first fork`, undefined, left());
  const result: ContestResult = await runContest({
    environment,
    sides,
    metric,
    marginPct,
    budgetSeconds,
    pace,
    seed,
    signal,
    onFork: ([standing], forks, mostForks) =>
      options.onProgress(`${name}: fork ${forks} of at most ${mostForks}`, liveOf(standing?.judged), left()),
  });
  const [standing] = result.standings;
  if (!standing) throw new Error('a contest of two has one standing');
  const { judged, forksNeeded, logRatios, costsUs } = standing;
  return {
    metric,
    judged,
    baseUs: result.referenceUs,
    headUs: mean(costsUs),
    forks: result.forks,
    seconds: result.seconds,
    pinned: result.pinned,
    minutesNeeded: forksNeeded === null ? null : (forksNeeded * result.secondsPerFork) / 60,
    logRatios,
  };
}

function liveOf(judged: Judged | undefined): string | undefined {
  if (!judged || !Number.isFinite(judged.ratio.high)) return undefined;
  return formatRatio(judged.ratio);
}

/** Pure. */
export function regressionsOf(arms: readonly ArmComparison[]): Regression[] {
  return arms.flatMap(({ arm, guards, costs }) => [
    ...guards
      .filter(({ verdict }) => verdict === 'more')
      .map(({ metric, base, head }) => ({ arm, metric, text: `${metric} rose from ${round(base)} to ${round(head)}` })),
    ...costs
      .filter(({ judged }) => judged.verdict === 'slower')
      .map(({ metric, judged: { ratio } }) => ({
        arm,
        metric,
        text: `${metric} is ${formatFixed(ratio.value, 3)} × the base’s, 99 % interval ${formatFixed(ratio.low, 3)} to ${formatFixed(ratio.high, 3)}`,
      })),
  ]);
}

export function round(value: number | null): string {
  if (value === null) return 'not counted';
  return formatUpTo(value, value >= 100 ? 0 : 2);
}
