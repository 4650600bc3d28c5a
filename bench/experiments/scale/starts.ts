/**
 * Time estimates of `scale`: how long a start takes, which fleets are started together and how often, and what fits a
 * budget. Pure.
 */
import type { Random } from '../../../core/stats/random.ts';
import { fewOf, type ScaleCell, type ScalePlan, type SeriesName } from './plan.ts';

/** One request on each connection, before each series. */
const TOUCH_MS = 300;
/** Waiting for the last responses: the longer a replica's queue, the longer. */
const DRAIN_MS = 120;
const WALL_DRAIN_MS = 400;
/** Time for workers to connect before the window: connections are opened for each slice, and must not count. */
export const CONNECTING_MS = 400;
export const OPEN_WARM_UP_MS = 150;
const OPEN_OVERHEAD_MS = 300;
/** Time to start wrk, and to read CPU accounts around it. */
const ENGINE_START_MS = 200;
/** The mean window over the usual numbers of replicas, as a multiple of the shortest. */
const MEAN_WINDOW = 1.5;

/** The time for a series once. @param stretch factor on the windows */
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

/** The time for every series once, with full windows. */
export function roundSeconds(plan: ScalePlan, cells: readonly ScaleCell[]): number {
  const own = Map.groupBy(cells, ({ series }) => series);
  return [...own].reduce((sum, [series, list]) => sum + seriesSeconds(plan, series, list, 1), 0);
}

/** The least time for a round of every series, in addition to start and warm-up. */
const LEAST_START_SECONDS = 25;

/** CPU seconds to start a replica and warm it up until V8 has optimised its route, including the generator's part. */
const CPU_SECONDS_PER_REPLICA = 3;
/** Starting and warming up may take this part of a fork, so that time is left for measuring. */
const PREPARING_PART = 0.65;

/** The time for starting and warming up. */
export function preparingSeconds(replicas: number, cores: number): number {
  return (CPU_SECONDS_PER_REPLICA * replicas) / cores;
}

/** Whether a fork of this length can start and warm up this many replicas and still measure. */
export function canPrepare(replicas: number, forkSeconds: number, cores: number): boolean {
  return preparingSeconds(replicas, cores) <= PREPARING_PART * forkSeconds;
}

/** The number of forks if everything starts together, which takes most of a small budget. */
const TOGETHER_FORKS = 2;

export interface Starts<Spec> {
  /** Fleets that are started together. */
  readonly groups: readonly (readonly Spec[])[];
  /** How often each group is started. */
  readonly passes: number;
}

/** @param seconds for all starts */
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
 * Every group once in each pass, in random order, except for those that an earlier part of the run has started.
 * @param done the number of earlier starts of each group
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

/** A plan if time allows, and its fallback: cold replicas would be measured while they compile. */
export interface Reach {
  readonly replicas: readonly number[];
  readonly withVariants: boolean;
}

/** The first affordable reach, or the last. */
export function reachFor(reaches: readonly Reach[], isAfforded: (reach: Reach) => boolean): Reach {
  const found = reaches.find(isAfforded) ?? reaches.at(-1);
  if (found === undefined) throw new RangeError('there is no reach to choose from');
  return found;
}

/** Reduces replicas before variants: without variants, the effects of client and cluster cannot be seen. */
export function reachesOf(asked: readonly number[] | null, planned: readonly number[]): readonly Reach[] {
  const lists = asked === null ? [planned, planned.filter((count) => count <= 4)] : [asked];
  const least = lists.at(-1) ?? planned;
  return [
    ...lists.map((replicas) => ({ replicas, withVariants: true })),
    { replicas: fewOf(least), withVariants: false },
  ];
}
