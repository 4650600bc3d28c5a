/** Combines the answers of fresh starts: peaks, their share of the saturated rate, their cost in cores, and the model's. Pure. */
import type { Slice } from '../../../core/results/schema.ts';
import { geometricMeanOf } from '../../../core/stats/estimate.ts';
import type { Estimate } from '../../../core/stats/interval.ts';
import { mean } from '../../../core/stats/location.ts';
import { halfWidthsOfMeans } from '../../../core/stats/starts/spread.ts';
import type { Objective } from '../../../core/thresholds/objective.ts';
import { measure } from '../../measuring/slices.ts';
import { calmSlices, modelRate } from './model.ts';
import type { Searched, ServersOf, Start } from './starts.ts';
import { hasSeveralThreads } from './verdict.ts';

/** The answer of one search, in the start that made it. */
export interface StartAnswer {
  readonly fork: number;
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Combines the answers of several starts on a logarithmic scale: by how much starts differ in all searches of the run,
 * and never narrower than one start's own uncertainty divided among them. One start does not show how much starts
 * differ.
 *
 * @returns one estimate for each search, in their order
 */
export function together(searches: readonly (readonly StartAnswer[])[], blocks: readonly number[]): Estimate[] {
  const logs = searches.map((answers) => new Map(answers.map(({ fork, rate }) => [fork, Math.log(rate)])));
  const between = halfWidthsOfMeans(logs);
  return searches.map((answers, i) => {
    const centre = mean(answers.map(({ rate }) => Math.log(rate)));
    const own = mean(answers.map(({ low, high }) => Math.log(high / low) / 2)) / Math.sqrt(answers.length);
    const half = answers.length > 1 ? Math.max(own, between[i] ?? 0) : own;
    const shape = { confidence: 0.95, blocks: blocks[i] ?? 0, forks: answers.length };
    return { value: Math.exp(centre), low: Math.exp(centre - half), high: Math.exp(centre + half), ...shape };
  });
}

/** The answer of one start from several values, all positive; empty for none. The interval is without variation between starts. */
function answerFrom(fork: number, values: readonly number[]): StartAnswer[] {
  const used = values.filter((value) => value > 0 && Number.isFinite(value));
  if (used.length === 0) return [];
  const { value, low, high } = geometricMeanOf([used], { seed: fork });
  return [{ fork, rate: value, low, high }];
}

/** Requests a second per busy core of the replicas, in the highest looks of a start that met the objective. */
function perCoreAtPeak({ fork, looks, answer }: Start): StartAnswer[] {
  if (answer.kind !== 'found') return [];
  const highest = looks.filter(({ isMet, rate }) => isMet && rate > 0.8 * answer.rate).map(({ step }) => step.slice);
  return answerFrom(
    fork,
    highest.map(
      (slice) => (measure(slice, 'asked_rate_rps') * measure(slice, 'cpu_wall_ns')) / measure(slice, 'replica_cpu_ns'),
    ),
  );
}

/** Whether the queueing model describes the servers: nothing shows how many cores one request of a service with several threads uses. */
function hasModel({ starts }: Searched, serversOf: ServersOf): boolean {
  const all: readonly Slice[] = starts.flatMap(({ looks }) => looks.map(({ step }) => step.slice));
  return !all.some((slice) => hasSeveralThreads(slice, serversOf(slice)));
}

const knownOf = ({ starts }: Searched) => starts.filter(({ answer }) => answer.kind !== 'unknown');

/** The peaks of the starts, if all have one: if they disagree whether any load meets the objective, there is no single rate. */
function peaksOf(search: Searched): StartAnswer[] {
  const found = knownOf(search).flatMap(({ fork, answer }) => {
    if (answer.kind !== 'found') return [];
    const { rate, low, high } = answer;
    return [{ fork, rate, low, high }];
  });
  return found.length < knownOf(search).length ? [] : found;
}

export interface Peaks {
  readonly peak?: Estimate;
  /** The peak as a share of the closed loop's rate. */
  readonly share?: Estimate;
  readonly perCore?: Estimate;
  readonly model?: Estimate;
}

/** @returns for each search, in their order, what is known of its peak; empty if it has none */
export function combine(
  searches: readonly Searched[],
  objective: Objective,
  serversOf: (search: Searched) => ServersOf,
): Peaks[] {
  const results: { -readonly [K in keyof Peaks]: Peaks[K] }[] = searches.map(() => ({}));
  const fill = (name: keyof Peaks, of: (search: Searched) => readonly StartAnswer[]) => {
    const answers = searches.map((search) => (peaksOf(search).length === 0 ? [] : of(search)));
    const used = [...answers.keys()].filter((i) => (answers[i]?.length ?? 0) > 0);
    const blocks = used.map((i) => (searches[i]?.starts ?? []).reduce((sum, { looks }) => sum + looks.length, 0));
    const found = together(
      used.map((i) => answers[i] ?? []),
      blocks,
    );
    for (const [n, i] of used.entries()) {
      const [result, estimate] = [results[i], found[n]];
      if (result !== undefined && estimate !== undefined) result[name] = estimate;
    }
  };
  fill('peak', peaksOf);
  // Both were measured on the same machine state, so their ratio is free of drift.
  fill('share', (search) =>
    peaksOf(search).map(({ fork, rate, low, high }) => {
      const saturated = search.starts.find((start) => start.fork === fork)?.saturated ?? Number.NaN;
      return { fork, rate: rate / saturated, low: low / saturated, high: high / saturated };
    }),
  );
  fill('perCore', (search) => knownOf(search).flatMap(perCoreAtPeak));
  fill('model', (search) => {
    const servers = serversOf(search);
    if (!hasModel(search, servers)) return [];
    return knownOf(search).flatMap((start) =>
      answerFrom(
        start.fork,
        calmSlices(start).flatMap((slice) => modelRate(slice, objective, servers(slice)) ?? []),
      ),
    );
  });
  return results;
}
