/** Turns capacity's slices into figures: the answers of all fresh starts, and what broke first. Pure. */

import { largest, responseQuantile } from '../../../core/model/response.ts';
import type { Flag } from '../../../core/results/flags.ts';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { studentQuantile } from '../../../core/stats/distributions.ts';
import { estimate } from '../../../core/stats/estimate.ts';
import type { Estimate } from '../../../core/stats/interval.ts';
import { mean, variance } from '../../../core/stats/location.ts';
import { proportion } from '../../../core/stats/proportion.ts';
import { CAUSES, type Cause, type Objective, objectiveOf } from '../../../core/thresholds/objective.ts';
import { Cell } from '../../analysis/cell.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { saturatedRate } from '../../measuring/saturated-rate.ts';
import { measure } from '../../measuring/slices.ts';
import { CAPACITY } from './plan.ts';
import { type Answer, answerOf } from './search.ts';
import { type DecidedLook, looksOf, type Step } from './steps.ts';
import { causeOf, type Servers, serversOf, verdictOf } from './verdict.ts';

/** The recommended rate stays below the peak by this share. */
const HEADROOM = 0.2;

type Found = Extract<Answer, { kind: 'found' }>;
type SliceLook = DecidedLook<Step & { readonly slice: Slice }>;

/** One fresh start of one arm at one number of replicas. */
interface Start {
  readonly answer: Answer;
  /** Without steps that the generator spoiled. */
  readonly looks: readonly SliceLook[];
  readonly saturated: number;
}

function startOf(slices: readonly Slice[], objective: Objective, servers: Servers): Start | null {
  const saturated = saturatedRate(slices.filter(({ mode }) => mode === 'closed'));
  const steps = slices
    .filter(({ mode }) => mode === 'open')
    .toSorted((a, b) => a.order - b.order)
    .map((slice) => ({
      slice,
      rate: measure(slice, 'asked_rate_rps'),
      verdict: verdictOf(slice, objective, servers),
    }));
  const looks = looksOf(steps);
  const answer = saturated > 0 ? answerOf(looks, saturated) : null;
  return answer === null ? null : { answer, looks, saturated };
}

/**
 * Combines the answers of several starts on a logarithmic scale: by how much they differ, and never narrower than one
 * start's own uncertainty divided among them. One start does not show how much starts differ.
 */
export function together(answers: readonly Pick<Found, 'rate' | 'low' | 'high'>[], blocks: number): Estimate {
  const logs = answers.map(({ rate }) => Math.log(rate));
  const centre = mean(logs);
  const count = answers.length;
  const own = mean(answers.map(({ low, high }) => Math.log(high / low) / 2)) / Math.sqrt(count);
  const between = count > 1 ? studentQuantile(0.975, count - 1) * Math.sqrt(variance(logs) / count) : 0;
  const half = Math.max(own, between);
  const shape = { confidence: 0.95, blocks, forks: count };
  return { value: Math.exp(centre), low: Math.exp(centre - half), high: Math.exp(centre + half), ...shape };
}

const scaled = (by: number, { value, low, high, ...shape }: Estimate): Estimate => ({
  value: by * value,
  low: by * low,
  high: by * high,
  ...shape,
});

/**
 * Requests a second per busy core of the replicas, in the highest looks of each start that met the objective:
 * `[start][look]`.
 */
function perCoreAtPeak(starts: readonly Start[]): number[][] {
  const rates = starts.map(({ looks, answer }) =>
    looks
      .filter(({ isMet, rate }) => answer.kind === 'found' && isMet && rate > 0.8 * answer.rate)
      .map(
        ({ step: { slice } }) =>
          (measure(slice, 'asked_rate_rps') * measure(slice, 'cpu_wall_ns')) / measure(slice, 'replica_cpu_ns'),
      )
      .filter((rate) => rate > 0 && Number.isFinite(rate)),
  );
  return rates.filter((own) => own.length > 0);
}

/** Looks well below saturation, where a request has its uncontended cost. */
function calmSlices({ looks, saturated }: Start): Slice[] {
  return looks.filter(({ rate }) => rate < 0.6 * saturated).map(({ step }) => step.slice);
}

/**
 * The rate predicted by the queueing model from the CPU time of requests in one calm look: a request waits at a
 * replica, and at Redis. Null if CPU time was not read, or the objective does not limit latency.
 */
function modelRate(calm: Slice, objective: Objective, replicas: number): number | null {
  const perRequest = (name: 'replica_cpu_ns' | 'redis_cpu_ns') => measure(calm, name) / calm.requests / 1e9;
  const [service, store] = [perRequest('replica_cpu_ns'), perRequest('redis_cpu_ns')];
  if (!(service > 0 && Number.isFinite(service)) || objective.latency.length === 0) return null;
  const stages = (rate: number) => [
    { service, utilisation: (rate * service) / replicas },
    ...(store > 0 ? [{ service: store, utilisation: rate * store }] : []),
  ];
  const keeps = (rate: number) =>
    objective.latency.every(
      ({ percentile, limitMs }) =>
        responseQuantile([{ share: 1, stages: stages(rate), delay: 0 }], percentile / 100) * 1000 <= limitMs,
    );
  return largest(1e-3, (replicas / service) * 0.9999, keeps);
}

/** The resource at its limit in the missed look nearest to the answer, for each start that missed any. */
function causes(starts: readonly Start[], objective: Objective, servers: Servers): Cause[] {
  return starts.flatMap(({ looks, answer }) => {
    if (answer.kind === 'any') return [];
    const limit = answer.kind === 'found' ? answer.rate : answer.lowest;
    const distance = ({ rate }: SliceLook) => Math.abs(Math.log(rate / limit));
    const missed = looks.filter(({ isMet }) => !isMet).toSorted((a, b) => distance(a) - distance(b));
    const [nearest] = missed;
    if (nearest === undefined) return [];
    return [nearest.byGenerator === true ? 'generator' : causeOf(nearest.step.slice, objective, servers)];
  });
}

function figuresOf(slices: readonly Slice[], context: AnalysisContext): Figure[] {
  const [first] = slices;
  if (first === undefined) return [];
  const { arm, factors } = first;
  const replicas = Number(factors.replicas);
  const objective = objectiveOf(context.config.slo);
  const servers = serversOf(replicas, context.environment.cores);
  const starts = [...Map.groupBy(slices, ({ fork }) => fork).values()]
    .map((own) => startOf(own, objective, servers))
    .filter((start) => start !== null);
  const open = starts.flatMap(({ looks }) => looks.map(({ step }) => step.slice));
  const calibration = context.environment.calibration?.flag ?? null;
  const flags: Flag[] = [
    ...(calibration === null ? [] : [calibration]),
    ...(starts.length === 1 ? ['one-fork' as const] : []),
  ];
  const cell = new Cell({
    subject: { experiment: CAPACITY, arm, factors },
    slices: open,
    seeds: seedsOf(context, `capacity ${arm} ${replicas}`),
    flags,
  });
  const closed = cell.of(slices.filter(({ mode }) => mode === 'closed'));
  const reasons = causes(starts, objective, servers);
  const known = starts.filter(({ answer }) => answer.kind !== 'unknown');
  const byGenerator: Flag[] = starts.some(({ answer }) => answer.byGenerator) ? ['generator-saturated'] : [];
  const answers = cell.with({ flags: [...flags, ...byGenerator] });
  return [
    ...closed.quotient('throughput_rps', { label: 'saturated' }),
    ...(known.length === 0 ? [] : figuresOfAnswer(answers, known, closed.slices)),
    ...modelFigures(cell, known, objective, replicas),
    ...(Object.keys(CAUSES) as Cause[]).flatMap((cause) => {
      const count = reasons.filter((reason) => reason === cause).length;
      if (count === 0) return [];
      return [
        cell.figure('broke_first_pct', scaled(100, proportion(count, reasons.length)), { factors: { broke: cause } }),
      ];
    }),
  ];
}

/** @param starts with an answer @param closed the slices of the closed loop in all starts */
function* figuresOfAnswer(cell: Cell, starts: readonly Start[], closed: readonly Slice[]): Generator<Figure> {
  const found = starts.flatMap(({ answer }) => (answer.kind === 'found' ? [answer] : []));
  const blocks = cell.slices.length;
  const share = (count: number) => scaled(100, proportion(count, starts.length));
  yield cell.figure('objective_met_pct', share(starts.filter(({ answer }) => answer.kind !== 'none').length));
  const unbroken = starts.filter(({ answer }) => answer.kind === 'any');
  if (unbroken.length > 0) yield cell.figure('never_missed_pct', share(unbroken.length));
  const tried = found.filter(({ recovered }) => recovered !== null);
  if (tried.length > 0) {
    const back = tried.filter(({ recovered }) => recovered).length;
    yield cell.figure('recovered_pct', scaled(100, proportion(back, tried.length)));
  }
  // If starts disagree whether any load meets the objective, there is no single rate.
  if (found.length === 0 || found.length < starts.length) return;
  const peak = together(found, blocks);
  yield cell.figure('peak_rps', peak);
  yield cell.figure('recommended_rps', scaled(1 - HEADROOM, peak));
  const perCore = perCoreAtPeak(starts);
  if (perCore.length > 0) {
    const found = estimate(perCore, { statistic: 'geomean', seed: cell.seed('peak per core') });
    yield cell.figure('peak_per_core_rps', found);
  }
  // The peak of a start and its saturated rate were measured on the same machine state, so their ratio is free of
  // drift.
  const shares = starts.flatMap(({ answer, saturated }) => {
    if (answer.kind !== 'found') return [];
    const { rate, low, high } = answer;
    return [{ rate: rate / saturated, low: low / saturated, high: high / saturated }];
  });
  yield cell.of([...cell.slices, ...closed]).figure('peak_of_saturated_pct', scaled(100, together(shares, blocks)));
}

/** Uses only the calm looks, so a saturated generator does not flag it. */
function modelFigures(cell: Cell, starts: readonly Start[], objective: Objective, replicas: number): Figure[] {
  const hasPeak = starts.length > 0 && starts.every(({ answer }) => answer.kind === 'found');
  const calm = starts.map(calmSlices);
  const rates = calm.map((slices) => slices.flatMap((slice) => modelRate(slice, objective, replicas) ?? []));
  const used = rates.filter((own) => own.length > 0);
  if (!hasPeak || used.length === 0) return [];
  // On a logarithmic scale, so that no rate is negative, however much starts differ.
  const found = estimate(used, { statistic: 'geomean', seed: cell.seed('peak by the model') });
  const options = { factors: { model: 'queueing network' }, source: 'model' as const };
  return [cell.of(calm.flat()).figure('peak_model_rps', found, options)];
}

export function analyseCapacity(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const cells = Map.groupBy(slices, ({ arm, factors }) => JSON.stringify([arm, factors]));
  return [...cells.values()].flatMap((own) => figuresOf(own, context));
}
