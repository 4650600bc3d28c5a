/** The loop over forks: how a budget is divided among them, which ones a resumed run still needs, and when to stop. */
import type { Slice, StoppedBy } from '../../core/results/schema.ts';
import { mean } from '../../core/stats/location.ts';
import type { FleetSpec } from '../fleet/fleet.ts';
import type { ExperimentContext, RunningFork } from './experiment.ts';

export interface ForkSchedule {
  /** The budget is divided among this many forks. */
  readonly minForks: number;
  /** Further forks are started while there is time for them, up to this total. */
  readonly maxForks: number;
  /**
   * True if a fork adapts to the time in `ForkTime`. A planned fork is then started even if it has to be slightly
   * shorter; other forks are started only if the duration of the last one is left.
   */
  readonly canBeShort?: true;
  /** By how much of its length a fork may exceed the budget; default 0. */
  readonly mayExceed?: number;
  /** True if the minimum is measured whatever the budget, because fewer forks would be useless. */
  readonly insistsOnMinimum?: true;
  /** The relative duration of the n-th fork; default: all are equal. */
  readonly weightOf?: (index: number) => number;
  /**
   * The least useful seconds of the n-th fork. Planned forks are dropped from the end until the others have this
   * much; the first one is always started.
   */
  readonly leastSecondsOf?: (index: number) => number;
  /**
   * Derives the number of forks from the overhead of starting, warming up and ending one, once that is known; a fork
   * measures for as long as its share allows. `canBeShort` and related options are then ignored.
   */
  readonly allotment?: Allotment;
  /** Selects the slices of an earlier part of the run that came from these forks; all of them by default. */
  readonly left?: (slice: Slice) => boolean;
}

export interface Allotment {
  /** The planned number, before any fork has shown how long it takes. */
  readonly forks: number;
  /** The share of a fork's time for load, approximately or at least. */
  readonly loadPart: number;
  /** The least load of a fork, if the budget lasts. */
  readonly loadSeconds: number;
  /** A last fork starts even with as little load as this, so that no time is left unused. */
  readonly leastLoadSeconds: number;
}

export interface ForkPlan extends ForkSchedule {
  /** The fleets of a fork, or of the n-th one started by this call. */
  readonly specs: readonly FleetSpec[] | ((index: number) => readonly FleetSpec[]);
}

/** The part of a planned fork's expected time that must be left if it can be short. */
const NEARLY = 0.6;
/** The compiler's first pass takes this long, so a warm-up is never shorter. */
const LEAST_WARM_UP_MS = 500;

/** A fork's share of the budget, measured from the start of its processes. */
export interface ForkTime {
  /** Seconds of this fork's share that are left; negative once it is over. */
  readonly leftSeconds: () => number;
  readonly spentSeconds: () => number;
  /** True once the share is spent, or the run is interrupted. */
  readonly over: () => boolean;
  /** The rest of the given part of the share, in ms. */
  readonly warmUpMs: (part: number) => number;
  /** Planned forks after this one, for which the budget must still suffice. */
  readonly forksAfter: number;
  /** Must be called when the servers are started and warm. */
  readonly loadBegins: () => void;
  /** Expected seconds for stopping the fork, based on those before it. */
  readonly endSeconds: number;
}

interface LoadEnds {
  readonly loadEnds: () => void;
}

/** What forks took besides their load, in seconds. */
class Overheads {
  readonly #before: number[] = [];
  readonly #after: number[] = [];
  #begun = Number.NaN;
  #ended = Number.NaN;

  fork(): void {
    this.#begun = Number.NaN;
    this.#ended = Number.NaN;
  }

  loadBegan(spent: number): void {
    this.#begun = spent;
  }

  loadEnded(spent: number): void {
    this.#ended = spent;
  }

  forkEnded(spent: number): void {
    if (Number.isFinite(this.#begun)) this.#before.push(this.#begun);
    if (Number.isFinite(this.#ended)) this.#after.push(spent - this.#ended);
  }

  get endSeconds(): number {
    return this.#after.length === 0 ? 0 : mean(this.#after);
  }

  /** Null before the first fork. */
  get seconds(): number | null {
    return this.#before.length === 0 ? null : mean(this.#before) + this.endSeconds;
  }
}

/** The number of remaining forks, including this one: as many as wanted, if each then has some load. */
function allotted(allotment: Allotment, leftSeconds: number, overhead: number | null, leastForks: number): number {
  if (overhead === null) return Math.max(leastForks, allotment.forks);
  const perFork = Math.max(overhead / (1 - allotment.loadPart), overhead + allotment.loadSeconds);
  const wanted = Math.max(leastForks, Math.round(leftSeconds / perFork));
  return Math.max(1, Math.min(wanted, Math.floor(leftSeconds / (overhead + allotment.leastLoadSeconds))));
}

type Budget = Pick<ExperimentContext, 'prior' | 'brokenOffFork' | 'nextFork' | 'mostForks' | 'signal' | 'secondsLeft'>;

/**
 * The number of forks completed by an earlier part of the run. The interrupted one is repeated; its slices are still
 * used.
 */
export function completedForks(
  { prior, brokenOffFork }: Pick<ExperimentContext, 'prior' | 'brokenOffFork'>,
  left: (slice: Slice) => boolean = () => true,
): number {
  const forks = new Set(prior.filter(left).map(({ fork }) => fork));
  if (brokenOffFork !== null) forks.delete(brokenOffFork);
  return forks.size;
}

/**
 * Calls `measure` with the number of each fork, its index among those started by this call, and its time. @param
 * until asked after each fork whether everything is known @throws the error of a fork
 */
export async function eachFork(
  context: Budget,
  schedule: ForkSchedule,
  measure: (fork: number, index: number, time: ForkTime & LoadEnds) => Promise<void>,
  until?: () => boolean,
): Promise<StoppedBy> {
  const { weightOf = () => 1, leastSecondsOf = () => 0 } = schedule;
  const { mostForks = Number.POSITIVE_INFINITY } = context;
  const maxForks = Math.min(schedule.maxForks, mostForks);
  const minForks = Math.min(schedule.minForks, mostForks);
  const before = completedForks(context, schedule.left);
  const first = context.nextFork();
  const overheads = new Overheads();
  for (let index = 0; before + index < maxForks; index++) {
    const start = context.secondsLeft();
    const least = Math.max(1, minForks - before - index);
    const { allotment } = schedule;
    const most = Math.max(1, maxForks - before - index);
    const plannedAt = (overhead: number | null) =>
      allotment ? Math.min(most, allotted(allotment, start, overhead, least)) : least;
    const shareAt = (planned: number) => shareOf(start, index, planned, weightOf, leastSecondsOf);
    let { seconds, forks } = shareAt(plannedAt(overheads.seconds));
    const spentSeconds = () => start - context.secondsLeft();
    overheads.fork();
    await measure(first + index, index, {
      spentSeconds,
      leftSeconds: () => seconds - spentSeconds(),
      over: () => context.signal.aborted || spentSeconds() >= seconds,
      warmUpMs: (part) => Math.max(LEAST_WARM_UP_MS, 1000 * (part * seconds - spentSeconds())),
      forksAfter: forks - 1,
      endSeconds: overheads.endSeconds,
      loadBegins: () => {
        overheads.loadBegan(spentSeconds());
        // The overhead of this fork is more relevant than that of earlier ones, because its share may differ.
        if (allotment) ({ seconds, forks } = shareAt(plannedAt(spentSeconds() + overheads.endSeconds)));
      },
      loadEnds: () => overheads.loadEnded(spentSeconds()),
    });
    overheads.forkEnded(spentSeconds());
    if (context.signal.aborted) return 'interrupted';
    if (until?.()) return 'interval';
    const done = before + index + 1;
    const isPlanned = done < minForks;
    if (allotment && done < maxForks) {
      const needed = (overheads.seconds ?? spentSeconds()) + allotment.leastLoadSeconds;
      if (context.secondsLeft() < needed) return isPlanned || until ? 'budget' : 'plan';
      continue;
    }
    if (isPlanned && schedule.insistsOnMinimum) continue;
    const expected = (spentSeconds() * weightOf(index + 1)) / weightOf(index);
    const part = isPlanned && schedule.canBeShort ? NEARLY : 1 - (schedule.mayExceed ?? 0);
    const needed = part * Math.max(expected, leastSecondsOf(index + 1));
    // If every figure is known precisely enough, only the planned forks are needed.
    if (done < maxForks && context.secondsLeft() < needed) return isPlanned || until ? 'budget' : 'plan';
  }
  return 'plan';
}

/** @returns the seconds of the next fork, and the number of forks that share the remaining time */
function shareOf(
  left: number,
  index: number,
  planned: number,
  weightOf: (index: number) => number,
  leastSecondsOf: (index: number) => number,
): { readonly seconds: number; readonly forks: number } {
  for (let forks = planned; ; forks--) {
    const sum = Array.from({ length: forks }, (_, i) => weightOf(index + i)).reduce((total, one) => total + one, 0);
    const seconds = (left * weightOf(index)) / sum;
    if (forks === 1 || seconds >= leastSecondsOf(index)) return { seconds, forks };
  }
}

/**
 * Measures in one fork after another, each started and stopped for it. @param until asked after each fork whether
 * everything is known @throws the error of a fork
 */
export function runForks(
  context: Budget & Pick<ExperimentContext, 'withFork' | 'progress'>,
  plan: ForkPlan,
  measureFork: (running: RunningFork, time: ForkTime, index: number) => Promise<void>,
  until?: () => boolean,
): Promise<StoppedBy> {
  const { specs: given } = plan;
  const specsOf = typeof given === 'function' ? given : () => given;
  const startAndMeasure = (fork: number, index: number, time: ForkTime & LoadEnds) => {
    const specs = specsOf(index);
    const servers = specs.reduce((sum, { replicas }) => sum + replicas, 0);
    context.progress({ step: `start ${fork + 1}: starting ${servers} servers` });
    return context.withFork(fork, specs, async (running) => {
      const loadBegins = () => {
        time.loadBegins();
        running.loadBegins();
      };
      await measureFork(running, { ...time, loadBegins }, index);
      time.loadEnds();
    });
  };
  return eachFork(context, plan, startAndMeasure, until);
}
