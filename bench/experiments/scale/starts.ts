/** How long a start of `scale` takes, which fleets are started together and how often, and what fits a budget. Pure. */
import type { Random } from '../../../core/stats/random.ts';
import { fewOf, type ScaleCell, type ScalePlan, type SeriesName } from './plan.ts';

/** One request on each connection, before each series. */
const TOUCH_MS = 300;
/** The last answers are waited for: the fuller a replica's queue, the longer. */
const DRAIN_MS = 120;
const WALL_DRAIN_MS = 400;
/**
 * Time for walkers to connect before the window: connections are made for each slice, and their cost must not count.
 */
export const CONNECTING_MS = 400;
export const OPEN_WARM_UP_MS = 150;
const OPEN_OVERHEAD_MS = 300;
/** Time to start wrk, and to read accounts around it. */
const ENGINE_START_MS = 200;
/** The mean window over the usual numbers of replicas, as a multiple of the shortest. */
const MEAN_WINDOW = 1.5;

/** What a series takes once. @param stretch of the windows */
export function seriesSeconds(
  { rampMs, windowMs, wallRampMs, wallWindowMs, openMs, engineSeconds }: ScalePlan,
  series: SeriesName,
  cells: readonly ScaleCell[],
  stretch: number,
): number {
  const ms = {
    main: rampMs + DRAIN_MS + MEAN_WINDOW * windowMs * stretch,
    spread: rampMs + CONNECTING_MS + MEAN_WINDOW * windowMs * stretch,
    wall: wallRampMs + WALL_DRAIN_MS + wallWindowMs * stretch,
    latency: OPEN_WARM_UP_MS + OPEN_OVERHEAD_MS + openMs * stretch,
    engines: TOUCH_MS + rampMs + DRAIN_MS + ENGINE_START_MS + 2 * 1000 * engineSeconds,
  }[series];
  return (TOUCH_MS + cells.length * ms) / 1000;
}

/** What every series takes once, in whole windows. */
export function roundSeconds(plan: ScalePlan, cells: readonly ScaleCell[]): number {
  const own = Map.groupBy(cells, ({ series }) => series);
  return [...own].reduce((sum, [series, list]) => sum + seriesSeconds(plan, series, list, 1), 0);
}

/** The least time for a round of everything, in addition to start and warm-up. */
const LEAST_START_SECONDS = 25;

/** CPU seconds to start a replica and to warm it up until V8 has optimised its route, the generator's part included. */
const CPU_SECONDS_PER_REPLICA = 3;
/** Starting and warming up may take this part of a fork, so that something is left to measure in. */
const PREPARING_PART = 0.65;

/** What starting and warming up take. */
export function preparingSeconds(replicas: number, cores: number): number {
  return (CPU_SECONDS_PER_REPLICA * replicas) / cores;
}

/** Whether a fork of so many seconds can start and warm up so many replicas, and has time left to measure in. */
export function canPrepare(replicas: number, forkSeconds: number, cores: number): boolean {
  return preparingSeconds(replicas, cores) <= PREPARING_PART * forkSeconds;
}

/** Starting everything together takes most of a small budget. */
const TOGETHER_FORKS = 2;

export interface Starts<Spec> {
  /** Fleets that are started together. */
  readonly groups: readonly (readonly Spec[])[];
  /** How often each of it is started. */
  readonly passes: number;
}

/** @param seconds for everything */
export function startsOf<Spec extends { readonly replicas: number }>(
  specs: readonly Spec[],
  { alone, minForks, maxForks }: Pick<ScalePlan, 'alone' | 'minForks' | 'maxForks'>,
  seconds: number,
  cores: number,
): Starts<Spec> {
  const most = Math.max(0, ...specs.map(({ replicas }) => replicas));
  const least = Math.max(LEAST_START_SECONDS, preparingSeconds(most, cores) / PREPARING_PART);
  const passes = Math.floor(seconds / (specs.length * least));
  if (!alone || passes < minForks) return { groups: [specs], passes: Math.min(TOGETHER_FORKS, minForks) };
  return { groups: specs.map((spec) => [spec]), passes: Math.min(maxForks, passes) };
}

/**
 * Every group once in each pass, in random order, but for those that an earlier part of the run has started already.
 * @param done how often each group was
 */
export function scheduleOf<Group>(
  groups: readonly Group[],
  passes: number,
  random: Random,
  done: (group: Group) => number,
): readonly Group[] {
  return Array.from({ length: passes }, (_, pass) =>
    random
      .derive(`starts ${pass}`)
      .shuffle(groups)
      .filter((group) => done(group) <= pass),
  ).flat();
}

/** What is measured if time allows, and what otherwise: cold replicas would be measured while they compile. */
export interface Reach {
  readonly replicas: readonly number[];
  readonly withVariants: boolean;
}

/** The first reach that is afforded, or the last. */
export function reachFor(reaches: readonly Reach[], isAfforded: (reach: Reach) => boolean): Reach {
  const found = reaches.find(isAfforded) ?? reaches.at(-1);
  if (found === undefined) throw new RangeError('there is no reach to choose from');
  return found;
}

/** Fewer replicas before no variants: without them neither the client's nor the cluster's part is seen. */
export function reachesOf(asked: readonly number[] | null, planned: readonly number[]): readonly Reach[] {
  const lists = asked === null ? [planned, planned.filter((count) => count <= 4)] : [asked];
  const least = lists.at(-1) ?? planned;
  return [
    ...lists.map((replicas) => ({ replicas, withVariants: true })),
    { replicas: fewOf(least), withVariants: false },
  ];
}
