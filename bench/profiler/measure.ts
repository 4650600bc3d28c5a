/**
 * CPU profiles of every arm's replica, and of the edge in front of it. In each fork all arms are first loaded in pairs,
 * without the profiler: that gives the CPU time. Then each arm is loaded alone, without the profiler, with it, and without
 * it again: that gives the profile, and the cost of the profiler. Only one arm is profiled at a time, because a sampled
 * process pays for every sample even while it waits for its turn: with several arms in turn, that exceeded the sampled
 * work.
 */

import { join } from 'node:path';
import { writeAtomically } from '../../core/atomic-file.ts';
import { makeFolders } from '../../core/folders.ts';
import type { Measures } from '../../core/results/measures.ts';
import type { Slice, StoppedBy } from '../../core/results/schema.ts';
import { STANDARD_IN_FLIGHT } from '../../core/results/standard-load.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { TURN_LENGTHS } from '../load/paired/paired.ts';
import type { ExperimentContext, RunningFork } from '../measuring/experiment.ts';
import { runForks } from '../measuring/run-forks.ts';
import { meRequests, sliceOf, targetOf } from '../measuring/slices.ts';
import { WarmUps, warmUp } from '../measuring/warm-up.ts';
import { attribute } from './attribute.ts';
import type { CpuProfile } from './cpu-profile.ts';
import { measuresOf, OFF, ON, PROFILER_FACTOR } from './measures.ts';
import { INTERVAL_MICROS, LONGEST_MICROS, type TakenProfiles, takeProfiles } from './taking.ts';
import { mainShares, settledThreads, type ThreadTimes } from './threads.ts';

/** An interval over fewer forks than this would be meaningless. */
const SCHEDULE = { minForks: 3, maxForks: 6, insistsOnMinimum: true } as const;
const ROOT_URL = new URL('../../', import.meta.url).href;

export interface ProfilePlan {
  readonly warmUpMs: number;
  /** Duration of each of the two paired loads of all arms. */
  readonly pairedMs: number;
  /** Time with the profiler, for each arm. */
  readonly profiledMs: number;
  /** Duration of each of an arm's two loads without it. */
  readonly plainMs: number;
}

/** Approximate time to start and stop the processes of a fork. */
const START_SECONDS = 3;
/** On a machine of any speed. */
const LEAST_ROUNDS = { pace: 40, paired: 50, profiled: 150, plain: 40 } as const;

/** @param secondsPerFork wall-clock time of a fork, including its start */
export function planFor(secondsPerFork: number, arms: number): ProfilePlan {
  const loadMs = 1000 * Math.min(60, Math.max(4, secondsPerFork - START_SECONDS));
  return {
    // It ends earlier, once every arm has had its requests.
    warmUpMs: loadMs * 0.55,
    pairedMs: loadMs * 0.1,
    profiledMs: (loadMs * 0.2) / arms,
    plainMs: (loadMs * 0.025) / arms,
  };
}

interface LoadAlone {
  readonly arm: string;
  readonly block: number;
  readonly order: number;
  readonly rounds: number;
  /** Takes the profiles; left out for loads without the profiler. */
  readonly finish?: () => Promise<TakenProfiles>;
}

class ProfiledFork {
  readonly #context: ExperimentContext;
  readonly #plan: ProfilePlan;
  readonly #running: RunningFork;
  #warmUps = new WarmUps();

  constructor(context: ExperimentContext, plan: ProfilePlan, running: RunningFork) {
    this.#context = context;
    this.#plan = plan;
    this.#running = running;
  }

  async measure(): Promise<void> {
    const { fleets, generator, fork } = this.#running;
    await generator.ask(
      'open',
      fleets.map((fleet) => targetOf(fleet, meRequests(fleet))),
    );
    const msPerRound = await this.#warmUp();
    const pairedRounds = Math.max(LEAST_ROUNDS.paired, Math.round(this.#plan.pairedMs / msPerRound));
    if (this.#over()) return;
    await this.#paired(0, pairedRounds);
    const turns = this.#context.random.derive(`profile fork ${fork} turns`).shuffle(fleets);
    for (const [order, fleet] of turns.entries()) {
      await this.#turn(fleet, order, msPerRound / fleets.length);
      if (this.#over()) return;
    }
    await this.#paired(4, pairedRounds);
  }

  #over(): boolean {
    return this.#context.signal.aborted;
  }

  #progress(what: string): void {
    this.#context.progress({ step: `profiles, start ${this.#running.fork + 1}: ${what}` });
  }

  #load(rounds: number, label: string, keys: string[] | null) {
    const { generator, fork } = this.#running;
    const seed = this.#context.random.derive(`profile fork ${fork} ${label}`).integer(2 ** 31);
    // `rounds` counts batches; they come in turns, as in the toll, so that both estimate b, the cost of a request to a busy server.
    const { short, long } = TURN_LENGTHS;
    const perRound = keys === null ? short + long : long;
    // Their order is balanced over two rounds.
    const turns = 2 * Math.max(1, Math.round((rounds * STANDARD_IN_FLIGHT) / perRound / 2));
    return generator.ask('paired', { rounds: turns, inFlight: STANDARD_IN_FLIGHT, seed, keys });
  }

  /** Warms up until the JIT has settled. @returns ms for one round of batches over all arms */
  async #warmUp(): Promise<number> {
    this.#progress('warming up');
    const options = { timeoutMs: this.#plan.warmUpMs, note: this.#context.note };
    this.#warmUps = await warmUp(this.#running.generator, options);
    this.#running.setServersApart();
    const before = performance.now();
    await this.#load(LEAST_ROUNDS.pace, 'pace', null);
    return (performance.now() - before) / LEAST_ROUNDS.pace;
  }

  async #paired(block: number, rounds: number): Promise<void> {
    const { fork, fleets } = this.#running;
    const before = await threadsOf(fleets);
    const tallies = await this.#load(rounds, `block ${block}`, null);
    const after = await threadsOf(fleets);
    for (const [order, tally] of tallies.entries()) {
      const [own, edge] = mainShares(before.get(tally.key) ?? [], after.get(tally.key) ?? []);
      const measures: Measures = {
        ...(own === undefined ? {} : { main_thread_ratio: own }),
        ...(edge === undefined ? {} : { edge_main_thread_ratio: edge }),
      };
      const position = { fork, block, order };
      const factors = { in_flight: STANDARD_IN_FLIGHT };
      const slice = sliceOf(tally, { mode: 'paired', position, factors, measures });
      this.#context.record(this.#warmUps.onto(slice, tally.key));
    }
  }

  async #turn(fleet: Fleet, order: number, msPerRound: number): Promise<void> {
    const arm = fleet.spec.key;
    const [replica] = fleet.replicas;
    if (replica === undefined) return;
    this.#progress(arm);
    const plain = Math.max(LEAST_ROUNDS.plain, Math.round(this.#plan.plainMs / msPerRound));
    const profiled = Math.max(LEAST_ROUNDS.profiled, Math.round(this.#plan.profiledMs / msPerRound));
    await this.#alone({ arm, block: 1, order, rounds: plain });
    if (this.#over()) return;
    await replica.startProfile(INTERVAL_MICROS);
    const finish = () => takeProfiles(replica, arm, 'this is a bug in Tollgate: please report it');
    await this.#alone({ arm, block: 2, order, rounds: profiled, finish });
    if (this.#over()) return;
    await this.#alone({ arm, block: 3, order, rounds: plain });
  }

  async #alone({ arm, block, order, rounds, finish }: LoadAlone): Promise<void> {
    const { fork } = this.#running;
    const [tally] = await this.#load(rounds, `${arm} block ${block}`, [arm]);
    const taken = await finish?.();
    if (tally === undefined) return;
    if (taken) this.#keep(`${arm}-fork${fork}`, taken);
    const of = (profile: CpuProfile) => attribute(profile, LONGEST_MICROS);
    const measures = taken ? measuresOf(of(taken.own), taken.edge === null ? null : of(taken.edge)) : {};
    const factors = { in_flight: STANDARD_IN_FLIGHT, [PROFILER_FACTOR]: taken ? ON : OFF };
    const slice = sliceOf(tally, { mode: 'profile', position: { fork, block, order }, factors, measures });
    this.#context.record(this.#warmUps.onto(slice, arm));
  }

  #keep(name: string, { own, edge }: TakenProfiles): void {
    keep(this.#context.directory, name, own);
    if (edge !== null) keep(this.#context.directory, `${name}-edge`, edge);
  }
}

/** For each replica, its own process first, then that of its edge. */
async function threadsOf(fleets: readonly Fleet[]): Promise<Map<string, (ThreadTimes | null)[]>> {
  const processes = fleets.flatMap(({ spec, replicas }) =>
    replicas.flatMap(({ pid, pids }) => (pids?.() ?? [pid]).map((one) => ({ key: spec.key, pid: one }))),
  );
  const times = await settledThreads(processes.map(({ pid }) => pid));
  const read = processes.map(({ key }, i) => ({ key, times: times[i] ?? null }));
  const byKey = Map.groupBy(read, ({ key }) => key);
  return new Map([...byKey].map(([key, own]) => [key, own.map((one) => one.times)]));
}

/**
 * Stored with the run, for any tool that opens such files. Paths in it are relative to the project, so that it reveals
 * nothing about the machine.
 */
function keep(directory: string, name: string, profile: CpuProfile): void {
  const folder = join(directory, 'profiles');
  makeFolders(folder);
  const text = JSON.stringify(profile).replaceAll(ROOT_URL, 'file:///');
  writeAtomically(join(folder, `${name}.cpuprofile`), text);
}

export function measureProfiles(context: ExperimentContext): Promise<StoppedBy> {
  const shared = { replicas: 1, users: STANDARD_IN_FLIGHT };
  const specs = context.arms.map((arm) => ({ ...shared, key: arm.name, arm }));
  const plan = planFor(context.secondsLeft() / SCHEDULE.minForks, specs.length);
  const left = ({ mode }: Pick<Slice, 'mode'>) => mode === 'profile';
  return runForks(context, { ...SCHEDULE, left, specs }, (running) =>
    new ProfiledFork(context, plan, running).measure(),
  );
}
