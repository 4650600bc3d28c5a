/**
 * CPU profiles of every arm's replica under the same paired load. In each fork the load runs without the profiler, with
 * it, and without it again: what the profiler costs is known, and a steady drift of the machine cancels.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runError } from '../errors.ts';
import type { ExperimentContext, RunningFork } from '../experiments/experiment.ts';
import { meRequests, sliceOf, targetOf } from '../experiments/slices.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { StoppedBy } from '../results/schema.ts';
import { attribute } from './attribute.ts';
import { type CpuProfile, CpuProfileError, readCpuProfile } from './cpu-profile.ts';
import { measuresOf, PROFILER_FACTOR } from './measures.ts';
import { mainShare, readThreads, type ThreadTimes } from './threads.ts';

/** As the toll that every profile of `toll` measures. */
export const IN_FLIGHT = 10;
/** Odd, so that samples do not fall into step with timers of whole milliseconds. */
const INTERVAL_MICROS = 173;
/** An interval over fewer forks says nothing. */
const MIN_FORKS = 3;
const MAX_FORKS = 6;
const ROOT_URL = new URL('../../', import.meta.url).href;

export interface ProfilePlan {
  readonly warmUpMs: number;
  /** Each of the two loads without the profiler. */
  readonly plainMs: number;
  readonly profiledMs: number;
}

/** Starting and stopping the processes of a fork, roughly. */
const START_SECONDS = 3;

/** @param secondsPerFork wall-clock time for a fork, its start included */
export function planFor(secondsPerFork: number): ProfilePlan {
  const loadMs = 1000 * Math.min(20, Math.max(4, secondsPerFork - START_SECONDS));
  return { warmUpMs: loadMs * 0.3, plainMs: loadMs * 0.15, profiledMs: loadMs * 0.4 };
}

class ProfiledFork {
  readonly #context: ExperimentContext;
  readonly #plan: ProfilePlan;
  readonly #running: RunningFork;

  constructor(context: ExperimentContext, plan: ProfilePlan, running: RunningFork) {
    this.#context = context;
    this.#plan = plan;
    this.#running = running;
  }

  async measure(): Promise<void> {
    const { fleets, generator, fork } = this.#running;
    await generator.open(fleets.map((fleet) => targetOf(fleet, meRequests(fleet))));
    const msPerRound = await this.#warmUp();
    const rounds = (ms: number) => Math.max(4, Math.round(ms / msPerRound));
    if (this.#over()) return;
    await this.#block(0, rounds(this.#plan.plainMs), null);
    if (this.#over()) return;
    this.#progress('profiling');
    await Promise.all(replicasOf(fleets).map(({ replica }) => replica.startProfile(INTERVAL_MICROS)));
    let profiles = new Map<string, CpuProfile>();
    await this.#block(1, rounds(this.#plan.profiledMs), async () => {
      const taken = replicasOf(fleets).map(async ({ key, replica }) => {
        const profile = checked(key, await replica.stopProfile());
        return [key, profile] as const;
      });
      profiles = new Map(await Promise.all(taken));
      return profiles;
    });
    for (const [arm, profile] of profiles) keep(this.#context.directory, arm, fork, profile);
    if (this.#over()) return;
    await this.#block(2, rounds(this.#plan.plainMs), null);
  }

  #over(): boolean {
    return this.#context.signal.aborted;
  }

  #progress(what: string): void {
    this.#context.progress({ step: `profiles, fork ${this.#running.fork + 1}: ${what}` });
  }

  #load(rounds: number, label: string) {
    const { generator, fork } = this.#running;
    const seed = this.#context.random.fork(`profile fork ${fork} ${label}`).integer(2 ** 31);
    return generator.paired({ rounds, inFlight: IN_FLIGHT, seed, keys: null });
  }

  /** Until the JIT has settled. @returns ms for one round of batches over all arms */
  async #warmUp(): Promise<number> {
    this.#progress('warming up');
    const [step, start] = [40, performance.now()];
    for (let rounds = 0; ; rounds += step) {
      const before = performance.now();
      await this.#load(step, `warm-up ${rounds}`);
      const now = performance.now();
      if (this.#over() || now - start > this.#plan.warmUpMs) return (now - before) / step;
    }
  }

  /** @param finish takes the profiles, where the profiler runs; null where it does not */
  async #block(block: number, rounds: number, finish: (() => Promise<ReadonlyMap<string, CpuProfile>>) | null) {
    const { fork, fleets } = this.#running;
    const before = threadsOf(fleets);
    const tallies = await this.#load(rounds, `block ${block}`);
    const after = threadsOf(fleets);
    const profiles = (await finish?.()) ?? new Map<string, CpuProfile>();
    for (const [order, tally] of tallies.entries()) {
      const [start, end] = [before.get(tally.key), after.get(tally.key)];
      const share = start && end ? mainShare(start, end) : Number.NaN;
      const profile = profiles.get(tally.key);
      const measures: Record<string, number> = profile ? measuresOf(attribute(profile)) : {};
      if (Number.isFinite(share)) measures.main_thread_ratio = share;
      const factors = { in_flight: IN_FLIGHT, [PROFILER_FACTOR]: profile ? 'on' : 'off' };
      this.#context.record(
        sliceOf(tally, profile ? 'profile' : 'paired', { fork, block, order }, factors, { measures }),
      );
    }
  }
}

function replicasOf(fleets: readonly Fleet[]) {
  return fleets.flatMap(({ spec, replicas }) => replicas.map((replica) => ({ key: spec.key, replica })));
}

function threadsOf(fleets: readonly Fleet[]): Map<string, ThreadTimes | null> {
  return new Map(replicasOf(fleets).map(({ key, replica }) => [key, readThreads(replica.pid)]));
}

function checked(arm: string, profile: unknown): CpuProfile {
  try {
    return readCpuProfile(profile);
  } catch (error) {
    if (!(error instanceof CpuProfileError)) throw error;
    throw runError(`${arm}: ${error.message}`, 'this is a fault of Tollgate: report it');
  }
}

/** Kept with the run, for any tool that opens such files. Paths in it begin at the project: whose machine it was is nobody's matter. */
function keep(directory: string, arm: string, fork: number, profile: CpuProfile): void {
  const folder = join(directory, 'profiles');
  mkdirSync(folder, { recursive: true });
  const text = JSON.stringify(profile).replaceAll(ROOT_URL, 'file:///');
  writeFileSync(join(folder, `${arm}-fork${fork}.cpuprofile`), text);
}

/** @param firstFork number of the first fork not used yet */
export async function measureProfiles(context: ExperimentContext, firstFork: number): Promise<StoppedBy> {
  const profiled = context.prior.filter(({ mode }) => mode === 'profile');
  let done = new Set(profiled.map(({ fork }) => fork)).size;
  const specs = context.arms.map((arm) => ({
    key: arm.name,
    arm,
    replicas: 1,
    replicaShare: null,
    redisShare: null,
    users: IN_FLIGHT,
  }));
  const plan = planFor(context.secondsLeft() / MIN_FORKS);
  for (let fork = firstFork; done < MAX_FORKS; fork++) {
    const before = context.secondsLeft();
    await context.withFork(fork, specs, (running) => new ProfiledFork(context, plan, running).measure());
    if (context.signal.aborted) return 'interrupted';
    done++;
    const left = context.secondsLeft();
    if (done >= MIN_FORKS && left < before - left) return 'budget';
  }
  return 'plan';
}
