/** Measures how often the comparison raises a false alarm, and how often it misses a known slowdown. */

import type { FleetEnvironment } from '../../bench/fleet/fleet.ts';
import { type Generator, startGenerator } from '../../bench/load/generator.ts';
import { ALIKE_OPTIMISED } from '../../bench/processes/v8-flags.ts';
import { thenEnding } from '../../core/errors.ts';
import { studentQuantile } from '../../core/stats/distributions.ts';
import type { Estimate } from '../../core/stats/interval.ts';
import { mean } from '../../core/stats/location.ts';
import { createRandom } from '../../core/stats/random.ts';
import { degreesOf, trimmed } from '../../core/stats/sequential.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { forkCost } from '../compare/contest.ts';
import { type PairedCost, totalUs } from '../compare/costs/costs.ts';
import { type ForkResult, runFork, type Side } from '../compare/fork.ts';
import { paceFor } from '../compare/pace.ts';
import { machineClassHere } from '../machine-class.ts';
import { type AaFork, missingForks, type Rate, type Rule, rateOf, type Unrated, unratedOf } from './rates.ts';

export interface AaOptions {
  readonly environment: FleetEnvironment;
  readonly arm: ArmInfo;
  /** The number of comparisons by the rule that needs the most forks. */
  readonly comparisons: number;
  /** The first is for identical servers. */
  readonly rules: readonly Rule[];
  /** Of Tollgate and of Node, as each fork records it. */
  readonly version: string;
  /** Forks of an earlier part, from a file. */
  readonly prior: readonly AaFork[];
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onFork: (fork: AaFork, done: number, needed: number) => void;
}

export interface AaResult {
  readonly arm: string;
  readonly forks: number;
  /** When the newest fork was measured, in ISO 8601. */
  readonly at: string;
  readonly secondsPerPair: number;
  readonly referenceCpuUs: number;
  readonly falseAlarms: Rate | null;
  readonly detections: readonly (Rate & { readonly measuredPct: Estimate })[];
  /** Rules with too few forks for one comparison, as after an early interruption. */
  readonly unrated: readonly Unrated[];
}

const REFERENCE = 'reference';
/** V8's options, as in a comparison of two builds. */
const program = { execArgv: ALIKE_OPTIMISED };
/** Iterations to measure the cost of one: enough to exceed noise, and few enough to resemble the injection. */
const PILOT_ITERATIONS = 4_000;
const PILOT_FORKS = 5;

/** Iterations that add `pct` percent to the cost of a request. Pure. */
export function iterationsFor(pct: number, pilotRatio: number): number {
  return Math.max(1, Math.round((PILOT_ITERATIONS * pct) / 100 / (pilotRatio - 1)));
}

/**
 * After an interruption, the rates of the forks so far. @throws TollgateError if a process dies; the signal's reason if
 * interrupted before there is any fork
 */
export async function measureAa(options: AaOptions): Promise<AaResult> {
  const generator = startGenerator(options.environment.janitor);
  return thenEnding(
    () => measure(options, generator),
    () => generator.stop(),
  );
}

async function measure(options: AaOptions, generator: Generator): Promise<AaResult> {
  const { arm, rules, signal } = options;
  const forks = [...options.prior];
  try {
    await takeForks(options, generator, forks);
  } catch (error) {
    if (!signal.aborted || forks.length === 0) throw error;
  }
  return summarise(arm.name, rules, forks);
}

/** Adds forks until there are enough. */
async function takeForks(options: AaOptions, generator: Generator, forks: AaFork[]): Promise<void> {
  const { arm, rules, signal } = options;
  const random = createRandom(options.seed);
  const seconds = Math.min(...rules.map((rule) => rule.seconds));
  const slowdowns = [...new Set(rules.map(({ slowdownPct }) => slowdownPct))];
  const pilotRatio = await learnBurn(options, generator, seconds, random.derive('pilot').integer(2 ** 30));
  const sides: Side[] = [
    // The code that slows down a server has a small cost itself: every side has it, so that they differ only in the
    // injection.
    { name: REFERENCE, arm, program, burnIterations: 0 },
    ...slowdowns.map((pct) => ({
      name: String(pct),
      arm,
      program,
      burnIterations: pct === 0 ? 0 : iterationsFor(pct, pilotRatio),
    })),
  ];
  const pace = paceFor((seconds * sides.length) / 2, sides.length, 'sooner');
  const machineClass = machineClassHere();
  const missing = () => missingForks(options.comparisons, rules, forks);
  while (missing() > 0) {
    const seed = random.derive(`fork ${forks.length}`).integer(2 ** 30);
    const result = await runFork(options.environment, generator, sides, pace, seed, signal);
    const fork = { ...aaFork(arm.name, result), machineClass, version: options.version, at: new Date().toISOString() };
    forks.push(fork);
    options.onFork(fork, forks.length, forks.length + missing());
  }
}

/** @returns the ratio of a server with this many iterations to one without */
async function learnBurn(
  { environment, arm, signal }: AaOptions,
  generator: Generator,
  seconds: number,
  seed: number,
): Promise<number> {
  const sides: Side[] = [
    { name: REFERENCE, arm, program, burnIterations: 0 },
    { name: 'pilot', arm, program, burnIterations: PILOT_ITERATIONS },
  ];
  const logs: number[] = [];
  for (let i = 0; i < PILOT_FORKS; i++) {
    const fork = await runFork(environment, generator, sides, paceFor(seconds, 2, 'sooner'), seed + i, signal);
    logs.push(costIn(fork, 'pilot')?.total ?? Number.NaN);
  }
  return Math.exp(mean(logs));
}

function costIn({ turns }: ForkResult, side: string): PairedCost | null {
  return forkCost(turns, REFERENCE, side, 'cpu_us_per_request');
}

function aaFork(arm: string, fork: ForkResult): Omit<AaFork, 'machineClass' | 'version' | 'at'> {
  const logRatios: Record<string, number> = {};
  const gcLogRatios: Record<string, number> = {};
  let referenceUs = Number.NaN;
  for (const name of fork.turns.keys()) {
    const cost = name === REFERENCE ? null : costIn(fork, name);
    if (cost === null) continue;
    logRatios[name] = cost.total;
    if (cost.parts !== null) gcLogRatios[name] = cost.parts.gc;
    referenceUs = totalUs(cost.reference);
  }
  return { arm, seconds: fork.seconds, referenceUs, logRatios, gcLogRatios };
}

/** Pure. */
export function summarise(arm: string, rules: readonly Rule[], forks: readonly AaFork[]): AaResult {
  const rates = rules.map((rule) => rateOf(rule, forks));
  return {
    arm,
    forks: forks.length,
    at:
      forks
        .map(({ at }) => at)
        .toSorted()
        .at(-1) ?? '',
    secondsPerPair: mean(forks.map(({ seconds, logRatios }) => (seconds * 2) / (1 + Object.keys(logRatios).length))),
    referenceCpuUs: mean(forks.map(({ referenceUs }) => referenceUs)),
    falseAlarms: rates.find((rate) => rate?.slowdownPct === 0) ?? null,
    detections: rates.flatMap((rate) =>
      rate !== null && rate.slowdownPct > 0
        ? [{ ...rate, measuredPct: measuredSlowdown(rate.slowdownPct, forks) }]
        : [],
    ),
    unrated: rules.flatMap((rule) => unratedOf(rule, forks) ?? []),
  };
}

/** The measured slowdown over all forks: it should be near the requested one, or the injection is wrong. */
function measuredSlowdown(slowdownPct: number, forks: readonly AaFork[]): Estimate {
  const logs = forks.flatMap(({ logRatios }) => logRatios[String(slowdownPct)] ?? []);
  const { mean: centre, standardError } = trimmed(logs);
  const half = logs.length > 1 ? studentQuantile(0.975, degreesOf(logs.length)) * standardError : 0;
  const pct = (log: number) => 100 * (Math.exp(log) - 1);
  return {
    value: pct(centre),
    low: pct(centre - half),
    high: pct(centre + half),
    confidence: 0.95,
    blocks: logs.length,
    forks: logs.length,
  };
}
