/** Finds the commit that made an arm slower: compares commits with the good one until each is decided. */

import type { FleetEnvironment } from '../../bench/fleet/fleet.ts';
import { type Generator, startGenerator } from '../../bench/load/generator.ts';
import { runError, TollgateError, thenEnding, usageError } from '../../core/errors.ts';
import { createRandom } from '../../core/stats/random.ts';
import { stopInOrder } from '../../core/stop-in-order.ts';
import { formatFixed, formatRatio } from '../../core/text/format.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { countGuards } from '../guards/count.ts';
import { compareCounts, GUARDS, type Guard } from '../guards/counts.ts';
import { checksAgainst } from '../security/check.ts';
import { securityWords } from '../security/judge.ts';
import { armOf, type Build } from './build.ts';
import { sidesOf, speedOf } from './compare.ts';
import { forkCost, runContest } from './contest.ts';
import type { CostMetric } from './costs/costs.ts';
import { runFork } from './fork.ts';
import { paceFor } from './pace.ts';
import { type Found, type Probe, probeCommit, searchFirstBad } from './search.ts';
import { startable } from './startable.ts';

export interface BisectOptions {
  readonly environment: FleetEnvironment;
  readonly good: Build;
  readonly bad: Build;
  /** Commits after the good one, oldest first; the last is the bad one. */
  readonly commits: readonly string[];
  readonly makeBuild: (commit: string) => Promise<Build>;
  readonly arm: string;
  /** Arms as this checkout describes them, for the security checks. */
  readonly known: readonly ArmInfo[];
  readonly metric: CostMetric | Guard;
  /** The budget of the whole search. */
  readonly budgetSeconds: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (step: string, live: string | undefined, secondsLeft: number) => void;
}

export interface Bisected extends Found {
  /** The ratio of bad to good; for counts, their difference. */
  readonly change: { readonly base: number; readonly head: number };
}

const FEWEST_FORKS = 3;

/**
 * @throws TollgateError (failed) if bad is not worse than good, so that there is nothing to find, or verifies less,
 * so that they cannot be compared
 */
export async function bisect(options: BisectOptions): Promise<Bisected> {
  const isGuard = (metric: string): metric is Guard => GUARDS.some((guard) => guard.metric === metric);
  const { metric } = options;
  const verify = verifierOf(options);
  await verify(options.bad);
  const makeBuild = async (commit: string) => {
    const build = await options.makeBuild(commit);
    await verify(build);
    return build;
  };
  const verified = { ...options, makeBuild };
  return isGuard(metric) ? bisectCount(verified, metric) : bisectCost(verified, metric as CostMetric);
}

function armIn(build: Build, name: string) {
  const arm = armOf(build, name);
  if (arm === null)
    throw usageError(`${build.label} has no arm ${name}`, 'choose an arm that exists in both good and bad');
  return arm;
}

function nothingToFind({ arm, metric, good, bad }: BisectOptions, why: string): Error {
  return runError(
    `${metric} of ${arm} is not significantly worse in ${bad.label} than in ${good.label}: ${why}`,
    'choose other commits, or allow more time with --budget',
  );
}

/**
 * @returns a function that throws a TollgateError (failed) with the checks that a build fails and the good one passes
 */
function verifierOf({ environment, good, arm, known, signal, onProgress }: BisectOptions) {
  const check = checksAgainst(good, {
    environment,
    arms: [arm],
    known,
    signal,
    onProgress: () => onProgress(`${arm}: security checks`, undefined, 0),
  });
  return async (build: Build): Promise<void> => {
    const sides = ['the good commit', build.label] as const;
    const found = await check(build);
    const faults = found.flatMap((one) => one.faults.map((fault) => securityWords(fault, sides)));
    if (faults.length === 0) return;
    throw runError(
      `${arm}: ${faults.join('; ')}`,
      'choose commits that pass the same checks: a build that skips checks is not faster',
    );
  };
}

/**
 * Probes a commit. If it cannot be built or started, or verifies less than the good one, it is skipped, as with `git
 * bisect skip`.
 */
async function probing(
  options: BisectOptions,
  commit: string,
  probe: (build: Build) => Promise<Probe>,
): Promise<Probe> {
  try {
    return await probe(await options.makeBuild(commit));
  } catch (error) {
    if (options.signal.aborted || !(error instanceof TollgateError)) throw error;
    options.onProgress(`${commit.slice(0, 12)} is skipped: ${error.message}`, undefined, 0);
    return { side: 'skip', probability: 1 };
  }
}

async function bisectCount(options: BisectOptions, metric: Guard): Promise<Bisected> {
  const { environment, good, bad, arm, commits, onProgress } = options;
  const count = (build: Build) => startable(build, countGuards(environment, armIn(build, arm), build.program));
  onProgress('counting good and bad', undefined, options.budgetSeconds);
  const [before, after] = [await count(good), await count(bad)];
  const change = compareCounts(before, after).find((one) => one.metric === metric);
  const { base = null, head = null } = change ?? {};
  if (change?.verdict !== 'more' || base === null || head === null) {
    throw nothingToFind(options, `${base} and ${head}`);
  }
  const found = await searchFirstBad(commits, (commit) =>
    probing(options, commit, async (build) => {
      onProgress(`counting ${build.label}`, undefined, 0);
      // Compared with the good build, so that the random part of a credential's length cancels.
      const value = compareCounts(before, await count(build)).find((one) => one.metric === metric)?.head ?? null;
      if (value === null) return { side: 'skip', probability: 1 };
      return { side: Math.abs(value - base) < Math.abs(value - head) ? 'good' : 'bad', probability: 1 };
    }),
  );
  return { ...found, change: { base, head } };
}

async function bisectCost(options: BisectOptions, metric: CostMetric): Promise<Bisected> {
  const generators: Generator[] = [];
  return thenEnding(
    () =>
      searchCost(options, metric, () => {
        const generator = startGenerator(options.environment.janitor);
        generators.push(generator);
        return generator;
      }),
    () => stopInOrder([generators]),
  );
}

/** @param freshGenerator makes a generator for each commit, because one cannot be used after a server broke */
async function searchCost(
  options: BisectOptions,
  metric: CostMetric,
  freshGenerator: () => Generator,
): Promise<Bisected> {
  const { environment, good, bad, arm, commits, budgetSeconds, signal, onProgress } = options;
  const started = performance.now();
  const left = () => budgetSeconds - (performance.now() - started) / 1000;
  const steps = Math.max(1, Math.ceil(Math.log2(commits.length)));
  const random = createRandom(options.seed);
  const sidesFrom = (name: string, build: Build) =>
    sidesOf([good, 'good', armIn(good, arm)], [build, name, armIn(build, arm)]);
  const share = budgetSeconds / (steps + 1);
  const paceOf = (build: Build) => paceFor(share, 2, speedOf([good, build]));
  onProgress('comparing good and bad', undefined, left());
  const [whole] = await runContest({
    environment,
    sides: sidesFrom('bad', bad),
    metrics: [metric],
    marginPct: 1e-9,
    budgetSeconds: share,
    pace: paceOf(bad),
    seed: random.derive('whole').integer(2 ** 30),
    signal,
  });
  if (whole !== undefined && whole.logRatios.length === 0) {
    throw nothingToFind(options, 'it was not measured on both sides');
  }
  if (whole?.judged.verdict !== 'slower') {
    const ratio = whole?.judged.ratio ?? { value: Number.NaN, low: Number.NaN, high: Number.NaN };
    throw nothingToFind(options, `ratio ${formatRatio(ratio)}`);
  }
  const decided: (readonly number[])[] = [];
  const change = Math.log(whole.judged.ratio.value);
  let done = 0;
  const found = await searchFirstBad(commits, (commit) =>
    probing(options, commit, async (build) => {
      const deadline = performance.now() + (left() / Math.max(1, steps - done)) * 1000;
      done++;
      const sides = sidesFrom('probe', build);
      const generator = freshGenerator();
      const fork = async (index: number) => {
        const seed = random.derive(`${commit} ${index}`).integer(2 ** 30);
        const { turns } = await runFork(environment, generator, sides, paceOf(build), seed, signal);
        return forkCost(turns, 'good', 'probe', metric)?.total ?? Number.NaN;
      };
      const probe = await probeCommit(fork, whole.logRatios, decided, {
        fewest: FEWEST_FORKS,
        isLate: () => performance.now() > deadline,
        onFork: (forks, { side, probability }) =>
          onProgress(`${build.label}: fresh start ${forks}`, `${side}, ${formatFixed(100 * probability, 1)} %`, left()),
      });
      if (probe.side === 'skip') {
        onProgress(`${commit.slice(0, 12)} is skipped: it has no ${metric} beside the good commit`, undefined, left());
      }
      return probe;
    }),
  );
  return { ...found, change: { base: whole.referenceUs, head: whole.referenceUs * Math.exp(change) } };
}
