/** Measures capacity: in each fresh start, searches for the highest rate at which the objective is met. */
import type { StoppedBy } from '../../../core/results/schema.ts';
import { mean } from '../../../core/stats/location.ts';
import { type Objective, objectiveOf } from '../../../core/thresholds/objective.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import { openRequests } from '../../load/connection/request.ts';
import type { OpenOptions } from '../../load/open/schema.ts';
import type { ExperimentContext, RunningFork } from '../../measuring/experiment.ts';
import { saturationFlags } from '../../measuring/load-flags.ts';
import { openFlags, openSlice } from '../../measuring/open-slice.ts';
import { type ForkTime, runForks } from '../../measuring/run-forks.ts';
import { saturatedRate } from '../../measuring/saturated-rate.ts';
import { meRequests, type NewSlice, sliceOf, targetOf } from '../../measuring/slices.ts';
import { WarmUps, warmUp } from '../../measuring/warm-up.ts';
import { watchedOpenRun } from '../../measuring/watched-open-run.ts';
import {
  CONNECTIONS,
  capacitySpecs,
  FROM_EARLIER,
  LEAST_LOOKS,
  leftOutNote,
  levelsFor,
  levelsOf,
  MOST_CONNECTIONS,
  MOST_LOOKS,
  MOST_SECONDS_FOR_LEAST,
  SATURATION,
  SCHEDULE,
  STEP_WARM_UP_MS,
  timeoutMs,
  WARM_UP_MS,
  WARM_UP_OPEN,
} from './plan.ts';
import { answerOf, type Look, type NextLook, nextLook, recoveryOf } from './search.ts';
import { looksOf, MOST_TRIES, type Step } from './steps.ts';
import { serversOf, stepMs, verdictOf } from './verdict.ts';

export async function measureCapacity(context: ExperimentContext): Promise<StoppedBy> {
  const specs = capacitySpecs(context);
  const levels = levelsOf(context);
  for (const arm of context.arms) {
    const left = leftOutNote(arm, levels);
    if (left !== null) context.note(left);
  }
  if (specs.length === 0) throw new NoReplicas(levels);
  const plan = { ...SCHEDULE[context.config.profile], specs };
  const earlier: Earlier = new Map();
  let spoiled = 0;
  const stoppedBy = await runForks(context, plan, async (running, time) => {
    spoiled += await new CapacityFork(context, running, earlier).measure(time);
  });
  if (spoiled > 0) context.note(spoiledNote(spoiled));
  return stoppedBy;
}

class NoReplicas extends Error {
  override name = 'NoReplicas';
  constructor(levels: readonly number[]) {
    super(
      `capacity: none of these arms can serve with ${levels.join(' or ')} replicas, because their sessions are in the memory of one process: add 1 to --replicas`,
    );
  }
}

/** The peaks that earlier starts found, by search: where the next start begins to look. Its answer does not depend on them. */
type Earlier = Map<string, number[]>;

const spoiledNote = (steps: number) =>
  `capacity: in ${steps} ${steps === 1 ? 'step' : 'steps'} that missed the objective, the load generator itself was late; each was measured again, up to ${MOST_TRIES} times in all`;

interface MeasuredStep extends Step {
  /** Whether a request failed or had an unexpected response. */
  readonly hasErrors: boolean;
}

/** The search for one arm at one number of replicas. */
interface Search {
  readonly fleet: Fleet;
  readonly replicas: number;
  /** In order; those that the generator spoiled are repeated. */
  readonly steps: MeasuredStep[];
  /** Requests per second of the first windows: the scale of the search. */
  saturated: number;
  /** The first rate, from earlier starts; undefined for the usual part of the saturated rate. */
  readonly first: number | undefined;
}

const keyOf = ({ fleet, replicas }: Pick<Search, 'fleet' | 'replicas'>) => `${fleet.spec.key} ${replicas}`;

class CapacityFork {
  readonly #context: ExperimentContext;
  readonly #running: RunningFork;
  readonly #objective: Objective;
  readonly #earlier: Earlier;
  #warmUps = new WarmUps();
  #order = 0;

  constructor(context: ExperimentContext, running: RunningFork, earlier: Earlier) {
    this.#context = context;
    this.#running = running;
    this.#earlier = earlier;
    this.#objective = objectiveOf(context.config.slo);
  }

  /** @returns how many steps the generator spoiled */
  async measure(time: ForkTime): Promise<number> {
    const { fork, fleets, generator } = this.#running;
    const { random, signal, progress, note } = this.#context;
    this.#running.setApart();
    progress({ step: `start ${fork + 1}: warming up` });
    await generator.ask(
      'open',
      fleets.map((fleet) => targetOf(fleet, meRequests(fleet))),
    );
    this.#warmUps = await warmUp(generator, { timeoutMs: WARM_UP_MS, note });
    await generator.ask('open', []);
    time.loadBegins();
    const searches = fleets.flatMap((fleet) =>
      levelsFor(fleet.spec.arm, levelsOf(this.#context)).map(
        (replicas): Search => ({
          fleet,
          replicas,
          steps: [],
          saturated: 0,
          first: this.#firstRate({ fleet, replicas }),
        }),
      ),
    );
    for (const search of searches) {
      if (signal.aborted) break;
      const windows = await this.#saturate(search, SATURATION.first);
      search.saturated = saturatedRate(windows);
      if (search.saturated === 0 && windows.length > 0) note(unansweredNote(search, windows));
    }
    await this.#warmUpOpen(searches);
    const begunSeconds = time.spentSeconds();
    // A start gets its least number of looks even if its share of time is spent, and those that show whether the servers
    // recover, within a limit.
    const mostSeconds = MOST_SECONDS_FOR_LEAST * searches.length;
    const isOver = ({ first }: Search, looks: readonly Look[]) =>
      time.over() &&
      ((looks.length >= (first === undefined ? LEAST_LOOKS.first : LEAST_LOOKS.later) &&
        recoveryOf(looks)?.isSought !== true) ||
        time.spentSeconds() - begunSeconds > mostSeconds);
    // The arms take turns, so that drift affects all of them alike.
    for (let round = 0; round < MOST_LOOKS; round++) {
      let isLeft = false;
      for (const search of random.derive(`capacity ${fork} ${round}`).shuffle(searches)) {
        if (signal.aborted) break;
        const looks = looksOf(search.steps);
        const isEnded =
          search.saturated === 0 || isOver(search, looks) || searches.some((other) => hasBroken(search, other));
        const next = isEnded ? null : nextLook(looks, search.saturated, search.first);
        if (next === null) continue;
        isLeft = true;
        await this.#look(search, next, round);
        if ((round + 1) % SATURATION.everyRounds === 0) await this.#saturate(search, 1, 1 + round);
      }
      if (!isLeft) break;
    }
    for (const search of searches) this.#remember(search);
    return searches.flatMap(({ steps }) => steps).filter(({ verdict }) => verdict === 'spoiled').length;
  }

  #firstRate(search: Pick<Search, 'fleet' | 'replicas'>): number | undefined {
    const before = this.#earlier.get(keyOf(search)) ?? [];
    if (before.length === 0) return undefined;
    const { part, vary } = FROM_EARLIER;
    const { fork } = this.#running;
    const chance = this.#context.random.derive(`first ${fork} ${keyOf(search)}`).random();
    return part * vary ** (2 * chance - 1) * Math.exp(mean(before.map(Math.log)));
  }

  #remember(search: Search): void {
    const answer = search.saturated > 0 ? answerOf(looksOf(search.steps), search.saturated) : null;
    if (answer?.kind !== 'found') return;
    const key = keyOf(search);
    this.#earlier.set(key, [...(this.#earlier.get(key) ?? []), answer.rate]);
  }

  async #saturate({ fleet, replicas }: Search, count: number, block = 0): Promise<NewSlice[]> {
    const { fork } = this.#running;
    const { progress, record, cores, signal } = this.#context;
    const windows: NewSlice[] = [];
    for (let n = 0; n < count && !signal.aborted; n++) {
      progress({ step: `start ${fork + 1}: ${fleet.spec.key}, ${inReplicas(replicas)}, as fast as it answers` });
      const tally = await this.#running.generator.ask('closed', {
        target: targetOf(fleet, meRequests(fleet), replicas),
        connections: SATURATION.connections,
        rampMs: SATURATION.rampMs,
        windowMs: SATURATION.windowMs,
      });
      const order = this.#order++;
      const flags = saturationFlags(tally, cores);
      const slice = sliceOf(tally, {
        mode: 'closed',
        position: { fork, block, order },
        factors: { replicas },
        flags,
      });
      windows.push(slice);
      record(this.#warmUps.onto(slice, fleet.spec.key));
    }
    return windows;
  }

  /** The open loop compiles its own code during its first runs, so they are not measured. */
  async #warmUpOpen([search]: readonly Search[]): Promise<void> {
    if (search === undefined || search.saturated === 0) return;
    const { progress, signal } = this.#context;
    const open = await this.#running.open();
    for (let run = 0; run < WARM_UP_OPEN.runs && !open.isWarm && !signal.aborted; run++) {
      progress({ step: `start ${this.#running.fork + 1}: warming up the open loop` });
      const options = this.#options(search, search.saturated / 2, run);
      await open.run({ ...options, warmupMs: 0, durationMs: WARM_UP_OPEN.ms }, signal);
    }
  }

  #options({ fleet, replicas, steps }: Search, ratePerSecond: number, seed: number, isNear = false): OpenOptions {
    const hasErrors = steps.some((step) => step.hasErrors);
    const { addresses, requests } = targetOf(fleet, meRequests(fleet), replicas);
    return {
      targets: addresses,
      requests: openRequests(addresses, requests),
      ratePerSecond,
      durationMs: stepMs(this.#objective, ratePerSecond, { isNear, hasErrors }),
      warmupMs: STEP_WARM_UP_MS,
      arrivals: 'poisson',
      seed,
      timeoutMs: timeoutMs(this.#objective.latency.map(({ limitMs }) => limitMs)),
      connections: Math.max(CONNECTIONS, addresses.length),
      maxConnections: MOST_CONNECTIONS,
    };
  }

  async #look(search: Search, { rate, phase }: NextLook, round: number): Promise<void> {
    const { fork } = this.#running;
    const { random, signal, progress, record, cores } = this.#context;
    const { fleet, replicas } = search;
    const arm = fleet.spec.key;
    const order = this.#order++;
    const again = search.steps.at(-1)?.verdict === 'spoiled' ? ', again' : '';
    progress({
      step: `start ${fork + 1}: ${arm}, ${inReplicas(replicas)}, ${phase} at ${Math.round(rate)} req/s${again}`,
    });
    const isNear = phase === 'bisection';
    const options = this.#options(search, rate, random.derive(`look ${fork} ${order}`).integer(2 ** 31), isNear);
    const { processes } = targetOf(fleet, [], replicas);
    const { result, machine, cpu } = await watchedOpenRun(this.#running, options, processes, signal);
    if (signal.aborted) return;
    // The search needs missed objectives, so failed and late requests set no flag here.
    const flags = [...openFlags(result).filter((flag) => flag === 'oversubscribed'), ...machine.flags];
    const slice = openSlice(result, {
      cell: { arm, factors: { replicas } },
      position: { fork, block: 1 + round, order },
      machine: machine.late,
      cpu,
      cores,
      flags,
    });
    record(this.#warmUps.onto(slice, arm));
    const verdict = verdictOf(slice, this.#objective, serversOf(replicas, cores));
    search.steps.push({ rate, verdict, hasErrors: slice.unexpected + slice.failed > 0 });
  }
}

/** Whether a search of the same servers broke them for good; the search itself ends by its own looks. */
function hasBroken(search: Search, other: Search): boolean {
  return other !== search && other.fleet === search.fleet && recoveryOf(looksOf(other.steps))?.recovered === false;
}

/** What a closed loop without one expected answer got instead. */
function unansweredNote({ fleet, replicas }: Search, windows: readonly NewSlice[]): string {
  const sum = (of: (slice: NewSlice) => number) => windows.reduce((total, slice) => total + of(slice), 0);
  const statuses = [...new Set(windows.flatMap((slice) => Object.keys(slice.statuses)))];
  const seen = statuses.map((status) => `${sum((slice) => slice.statuses[status] ?? 0)} × ${status}`);
  const failed = sum((slice) => slice.failed);
  const instead = [...seen, ...(failed > 0 ? [`${failed} failed`] : [])].join(', ');
  return `capacity: ${fleet.spec.key}, ${inReplicas(replicas)}, answered none of ${sum(({ requests, failed: lost }) => requests + lost)} requests as expected (${instead || 'no answer'}) with ${SATURATION.connections} connections, so no load was tried: if it limits the rate of requests, raise that limit`;
}

const inReplicas = (count: number) => (count === 1 ? 'one replica' : `${count} replicas`);
