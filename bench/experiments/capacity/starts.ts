/** What each search found in each fresh start, from the slices of a run, and what decided it. Pure. */
import type { Slice } from '../../../core/results/schema.ts';
import type { Cause, Objective } from '../../../core/thresholds/objective.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { saturatedRate } from '../../measuring/saturated-rate.ts';
import { measure } from '../../measuring/slices.ts';
import { type Answer, answerOf, noiseOfOthers } from './search.ts';
import { type DecidedLook, looksOf, type Step } from './steps.ts';
import { causeOf, type Servers, serversOf, verdictOf } from './verdict.ts';

export type ServersOf = (slice: Slice) => Servers;

/** The cores that the servers had; older journals hold only those of the machine. */
export function serversFor(replicas: number, { environment }: AnalysisContext): ServersOf {
  const usable = environment.cpu?.usable ?? environment.cores;
  return ({ measures }) => serversOf(replicas, measures.usable_cores ?? usable);
}

/** Looks within this factor of the answer show what made it doubtful: flags elsewhere are not about it. */
const NEAR = 1.2;
/** Misses within this factor above the answer show what broke first; far beyond it, everything breaks. */
const JUST_ABOVE = 1.5;

export type SliceLook = DecidedLook<Step & { readonly slice: Slice }>;

/** One fresh start of one arm at one number of replicas. */
export interface Start {
  readonly fork: number;
  readonly answer: Answer;
  /** Without steps that the generator spoiled. */
  readonly looks: readonly SliceLook[];
  /** The closed loop's rate before the looks: the scale of the search. */
  readonly scale: number;
  /** The closed loop's rate when the servers were as warm as during the looks. */
  readonly saturated: number;
}

/** One arm at one number of replicas. */
export interface Searched {
  readonly arm: Slice['arm'];
  readonly factors: Slice['factors'];
  readonly replicas: number;
  readonly slices: readonly Slice[];
  readonly starts: readonly Start[];
}

function startOf(fork: number, slices: readonly Slice[], objective: Objective, serversOf: ServersOf): Start | null {
  const closed = slices.filter(({ mode }) => mode === 'closed');
  const [first, later] = [closed.filter(({ block }) => block === 0), closed.filter(({ block }) => block > 0)];
  const scale = saturatedRate(first);
  // Those beside the looks, since before them the servers are slower.
  const saturated = later.length > 0 ? saturatedRate(later) : scale;
  const steps = slices
    .filter(({ mode }) => mode === 'open')
    .toSorted((a, b) => a.order - b.order)
    .map((slice) => ({
      slice,
      rate: measure(slice, 'asked_rate_rps'),
      verdict: verdictOf(slice, objective, serversOf(slice)),
    }));
  const looks = looksOf(steps);
  const answer = scale > 0 ? answerOf(looks, scale) : null;
  return answer === null ? null : { fork, answer, looks, scale, saturated };
}

/** Every search of an arm at a number of replicas, with those at other numbers of replicas. */
export function searchesOf(slices: readonly Slice[], objective: Objective, context: AnalysisContext): Searched[] {
  const own = searchesOfAll(slices, objective, context);
  const broken = brokenFrom(own);
  // A replica that one search broke serves the searches at other numbers of replicas as well.
  const isValid = ({ arm, factors, fork, order }: Slice) => {
    const from = broken.get(`${fork} ${arm}`);
    return from === undefined || from.factors === JSON.stringify(factors) || order < from.order;
  };
  const valid = broken.size === 0 ? own : searchesOfAll(slices.filter(isValid), objective, context);
  return withSharedNoise(valid);
}

/** Looks vary alike in all searches of a run, so each answer rests on the noise that the others show. */
function withSharedNoise(searches: readonly Searched[]): Searched[] {
  const all = searches.flatMap(({ starts }) => starts);
  const noises = noiseOfOthers(all.map(({ looks, scale }) => ({ looks, saturated: scale })));
  const noiseOf = new Map(all.map((start, i) => [start, noises[i]]));
  return searches.map((search) => ({
    ...search,
    starts: search.starts.map((start) => ({
      ...start,
      answer: answerOf(start.looks, start.scale, noiseOf.get(start)) ?? start.answer,
    })),
  }));
}

/** By start and arm: the first search after which the servers did not recover, and when it first failed. */
function brokenFrom(searches: readonly Searched[]): Map<string, { readonly factors: string; readonly order: number }> {
  const broken = new Map<string, { readonly factors: string; readonly order: number }>();
  for (const { arm, factors, starts } of searches) {
    for (const { fork, answer, looks } of starts) {
      if (answer.kind !== 'found' || answer.recovered !== false) continue;
      const order = looks.find(({ isMet, byGenerator }) => !isMet && byGenerator !== true)?.step.slice.order;
      const known = broken.get(`${fork} ${arm}`);
      if (order !== undefined && order < (known?.order ?? Number.POSITIVE_INFINITY)) {
        broken.set(`${fork} ${arm}`, { factors: JSON.stringify(factors), order });
      }
    }
  }
  return broken;
}

function searchesOfAll(slices: readonly Slice[], objective: Objective, context: AnalysisContext): Searched[] {
  const cells = Map.groupBy(slices, ({ arm, factors }) => JSON.stringify([arm, factors]));
  return [...cells.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { arm, factors } = first;
    const replicas = Number(factors.replicas);
    const starts = [...Map.groupBy(own, ({ fork }) => fork)]
      .map(([fork, all]) => startOf(fork, all, objective, serversFor(replicas, context)))
      .filter((start) => start !== null);
    return [{ arm, factors, replicas, slices: own, starts }];
  });
}

const limitOf = (answer: Answer) =>
  answer.kind === 'found' ? answer.rate : answer.kind === 'any' ? answer.highest : answer.lowest;

/** The looks that decided the answer: those near it, or the two nearest ones. */
export function decidingSlices({ looks, answer }: Start): Slice[] {
  const distance = ({ rate }: SliceLook) => Math.abs(Math.log(rate / limitOf(answer)));
  const sorted = looks.toSorted((a, b) => distance(a) - distance(b));
  const near = sorted.filter((look) => distance(look) <= Math.log(NEAR));
  return (near.length > 0 ? near : sorted.slice(0, 2)).map(({ step }) => step.slice);
}

/**
 * What broke first in one start: the cause of most misses just above the answer. A miss below it was probably a disturbance,
 * and so was one during a stall of the machine, so these count only if there are no others. Null if nothing was missed.
 */
export function causeOfStart({ looks, answer }: Start, objective: Objective, serversOf: ServersOf): Cause | null {
  if (answer.kind === 'any') return null;
  const limit = limitOf(answer);
  const distance = ({ rate }: SliceLook) => Math.abs(Math.log(rate / limit));
  const missed = looks.filter(({ isMet }) => !isMet).toSorted((a, b) => distance(a) - distance(b));
  const above = missed.filter(({ rate }) => rate >= limit);
  const calm = above.filter(({ step }) => !step.slice.flags.includes('machine-stalled'));
  const near = calm.filter(({ rate }) => rate <= JUST_ABOVE * limit);
  const used = [near, calm.slice(0, 1), above.slice(0, 1), missed.slice(0, 1)].find(({ length }) => length > 0) ?? [];
  const found = used.map(({ byGenerator, step: { slice } }) =>
    byGenerator === true ? 'generator' : causeOf(slice, objective, serversOf(slice)),
  );
  const count = (cause: Cause) => found.filter((other) => other === cause).length;
  // The nearest one decides a tie.
  return found.toSorted((a, b) => count(b) - count(a))[0] ?? null;
}
