/**
 * One fork of a comparison: fresh processes of every side, warmed up until V8 has made its last optimisations, then
 * loaded in turns. Each turn gives one pair of costs that share the machine's state.
 */

import type { Fleet, FleetEnvironment, FleetSpec } from '../../bench/fleet/fleet.ts';
import { startFleets } from '../../bench/fleet/start.ts';
import type { Generator } from '../../bench/load/generator.ts';
import { meRequests, targetOf } from '../../bench/measuring/slices.ts';
import { warmUp } from '../../bench/measuring/warm-up.ts';
import { canReadCpu } from '../../bench/processes/cpu.ts';
import type { OPTIMISED_REQUESTS } from '../../bench/processes/v8-flags.ts';
import type { Stack } from '../../bench/profiler/stacks.ts';
import { Isolation } from '../../bench/run/isolation.ts';
import { environmentError, runError, thenEnding } from '../../core/errors.ts';
import { STANDARD_IN_FLIGHT } from '../../core/results/standard-load.ts';
import { stopInOrder } from '../../core/stop-in-order.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { type Counters, countWhile } from '../counters/perf.ts';
import { profileEach } from '../explain/profile.ts';
import type { Turn } from './costs/costs.ts';
import { loadInTurns } from './turns.ts';

/** A side of the comparison; the first one is the reference. */
export interface Side {
  readonly name: string;
  readonly arm: ArmInfo;
  readonly program?: FleetSpec['program'];
  /** A known slowdown, in iterations of arithmetic per request; 0 includes the code for it, without iterations. */
  readonly burnIterations?: number;
}

/** How a fork's time is spent. */
export interface Pace {
  /** Whether V8's flags make it optimise sooner, which sets the least number of warm-up requests. */
  readonly optimised: keyof typeof OPTIMISED_REQUESTS;
  /** The longest that warming up all sides may take. */
  readonly warmUpMs: number;
  /** Of each side. */
  readonly turns: number;
  readonly batchesPerTurn: number;
}

export interface ForkResult {
  /** Turns of each side by its name; those of equal index belong to one round. */
  readonly turns: ReadonlyMap<string, readonly Turn[]>;
  readonly seconds: number;
  /** Whether servers had a core to themselves, and all other processes the rest, this one too. */
  readonly pinned: boolean;
  /** Whether every side was warm, as far as is known. */
  readonly isWarm: boolean;
  /** Per request, by the name of the side; empty without hardware counters. */
  readonly counters: ReadonlyMap<string, Counters>;
  /** Profiled stacks by the name of the side; empty without the profiler. */
  readonly stacks: ReadonlyMap<string, Stack>;
}

/** Readings taken from the servers after their turns. */
export interface Afterwards {
  /** The program that reads hardware counters; null for none. */
  readonly perf: string | null;
  readonly profiled: boolean;
}
const NOTHING_MORE: Afterwards = { perf: null, profiled: false };

/**
 * @param generator kept between forks: it is not measured, and costs less when warm. It must not be used after an
 * error. @throws TollgateError if a side does not start or dies; the signal's reason if interrupted
 */
export async function runFork(
  environment: FleetEnvironment,
  generator: Generator,
  sides: readonly Side[],
  pace: Pace,
  seed: number,
  signal: AbortSignal,
  { perf, profiled }: Afterwards = NOTHING_MORE,
): Promise<ForkResult> {
  const started = performance.now();
  const interrupt = () => generator.fail(new Error('interrupted'));
  signal.addEventListener('abort', interrupt, { once: true });
  let fleets: readonly Fleet[] = [];
  const isolation = new Isolation();
  return thenEnding(
    async () => {
      signal.throwIfAborted();
      const watched: FleetEnvironment = { ...environment, onDeath: (error) => generator.fail(error) };
      fleets = await startFleets(watched, sides.map(specOf));
      await generator.ask(
        'open',
        fleets.map((fleet) => targetOf(fleet, meRequests(fleet))),
      );
      const warmUps = await warmUp(generator, { timeoutMs: pace.warmUpMs, optimised: pace.optimised });
      const pinned = isolation.setServersApart(generator, fleets);
      const turns = await loadInTurns({ generator, fleets, ...pace, seed, signal });
      if ([...turns.values()].some(({ length }) => length === 0)) throw nothingUsable();
      const counters =
        perf === null ? new Map<string, Counters>() : await countEach(perf, environment, generator, fleets);
      const entries = new Map(sides.map(({ name, program }) => [name, program?.entry ?? '']));
      const stacks = profiled ? await profileEach(generator, fleets, entries, signal) : new Map<string, Stack>();
      // Closes its connections before the servers stop.
      await generator.ask('open', []);
      const isWarm = sides.every(({ name }) => !warmUps.flags(name).includes('not-warm'));
      return { turns, seconds: (performance.now() - started) / 1000, pinned, isWarm, counters, stacks };
    },
    () => signal.removeEventListener('abort', interrupt),
    () => isolation.setTogether(generator),
    () => stopInOrder([fleets]),
  );
}

/** Counted batches: enough that the overhead of perf and the load at their ends is negligible. */
const COUNTED_BATCHES = 200;

async function countEach(
  perf: string,
  { janitor }: FleetEnvironment,
  generator: Generator,
  fleets: readonly Fleet[],
): Promise<Map<string, Counters>> {
  const counted = new Map<string, Counters>();
  for (const { spec, replicas } of fleets) {
    const [replica] = replicas;
    if (!replica) continue;
    let requests = 0;
    const turn = { rounds: 1, batches: COUNTED_BATCHES, inFlight: STANDARD_IN_FLIGHT, seed: 1, keys: [spec.key] };
    const load = { ...turn, accounts: false };
    const counters = await countWhile(perf, replica.pid, janitor, async () => {
      requests = (await generator.ask('paired', load))[0]?.requests ?? 0;
    });
    if (counters === null || requests === 0) continue;
    const { instructions, cycles } = counters;
    counted.set(spec.key, {
      instructions: instructions / requests,
      cycles: cycles === null ? null : cycles / requests,
    });
  }
  return counted;
}

function nothingUsable(): Error {
  return canReadCpu()
    ? runError('no turn of load got the expected responses', 'find the wrong response with npm run gate')
    : environmentError(
        'CPU time of processes cannot be read here',
        'run it on Linux, or compare only counts: --guards-only',
      );
}

function specOf({ name, arm, program, burnIterations }: Side): FleetSpec {
  return {
    key: name,
    arm,
    replicas: 1,
    users: STANDARD_IN_FLIGHT,
    ...(program ? { program } : {}),
    ...(burnIterations === undefined ? {} : { burnIterations }),
  };
}
