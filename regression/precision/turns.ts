/**
 * How far the CPU ratio depends on the length of a turn. One set of servers is loaded in turns of several lengths. The cost
 * of a request in turns of one length includes a part of the cost of resuming from idle; a slope between two lengths does
 * not.
 */
import type { Fleet, FleetEnvironment, FleetSpec } from '../../bench/fleet/fleet.ts';
import { startFleets } from '../../bench/fleet/start.ts';
import { startGenerator } from '../../bench/load/generator.ts';
import { meRequests, targetOf } from '../../bench/measuring/slices.ts';
import { warmUp } from '../../bench/measuring/warm-up.ts';
import { Isolation } from '../../bench/run/isolation.ts';
import { runError, thenEnding } from '../../core/errors.ts';
import { STANDARD_IN_FLIGHT } from '../../core/results/standard-load.ts';
import { mean } from '../../core/stats/location.ts';
import type { Random } from '../../core/stats/random.ts';
import { stopInOrder } from '../../core/stop-in-order.ts';
import type { ArmInfo } from '../../servers/contract.ts';

/** Requests per turn. */
export const LENGTHS = [50, 200, 1000] as const;
/** Balanced over two rounds: each order is followed by its reverse. */
const ROUNDS_PER_STRETCH = 2;
const WARM_UP_MS = 60_000;

/** CPU time and requests of one arm, by length of turn, in the order of `LENGTHS`. */
export interface ArmTurns {
  readonly baseline: boolean;
  readonly nanosPerRequest: readonly number[];
}

/**
 * @returns percent by which the ratios to the baseline differ between short and long turns, the mean of its size over arms,
 * since shifts up and down do not make up for each other: with the cost in turns of one length, and with the slope between
 * two lengths. Pure.
 */
export function shiftsOf(arms: readonly ArmTurns[]): { readonly oneLengthPct: number; readonly slopePct: number } {
  const [short, middle, long] = LENGTHS;
  const slope = (costs: readonly number[], from: 0 | 1) => {
    const [low, high] = from === 0 ? [short, middle] : [middle, long];
    return ((costs[from + 1] ?? 0) * high - (costs[from] ?? 0) * low) / (high - low);
  };
  const baseline = arms.find((arm) => arm.baseline);
  if (baseline === undefined) throw new Error('there is no baseline among the arms');
  const shift = (costOf: (costs: readonly number[]) => readonly [number, number]) => {
    const [baseShort, baseLong] = costOf(baseline.nanosPerRequest);
    const shifts = arms.flatMap((arm) => {
      const [ownShort, ownLong] = costOf(arm.nanosPerRequest);
      return arm.baseline ? [] : [Math.abs(Math.log(ownLong / baseLong / (ownShort / baseShort)))];
    });
    return 100 * (Math.exp(mean(shifts)) - 1);
  };
  return {
    oneLengthPct: shift((costs) => [costs[0] ?? 0, costs[2] ?? 0]),
    slopePct: shift((costs) => [slope(costs, 0), slope(costs, 1)]),
  };
}

export interface TurnsOptions {
  readonly environment: FleetEnvironment;
  readonly arms: readonly ArmInfo[];
  readonly seconds: number;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** @throws TollgateError if a server or the generator fails; the signal's reason if interrupted */
export async function measureTurns({ environment, arms, seconds, random, signal }: TurnsOptions): Promise<ArmTurns[]> {
  const shared = { replicas: 1, users: STANDARD_IN_FLIGHT };
  const specs = arms.map((arm): FleetSpec => ({ ...shared, key: arm.name, arm }));
  let fleets: readonly Fleet[] = [];
  const isolation = new Isolation();
  const generator = startGenerator(environment.janitor);
  const interrupt = () => generator.fail(new Error('interrupted'));
  signal.addEventListener('abort', interrupt, { once: true });
  return thenEnding(
    async () => {
      try {
        fleets = await startFleets(environment, specs);
        signal.throwIfAborted();
        await generator.ask(
          'open',
          fleets.map((fleet) => targetOf(fleet, meRequests(fleet))),
        );
        const warmUps = await warmUp(generator, { timeoutMs: WARM_UP_MS });
        const cold = arms.filter(({ name }) => warmUps.flags(name).includes('not-warm'));
        if (cold.length > 0) {
          const names = cold.map(({ name }) => name).join(', ');
          throw runError(`${names} did not become warm within ${WARM_UP_MS / 1000} s`, 'run it again when it is quiet');
        }
        if (!isolation.setServersApart(generator, fleets)) {
          throw runError('the servers cannot have a core of their own', 'omit the row turns on this machine');
        }
        const sums = arms.map(() => LENGTHS.map(() => ({ nanos: 0, requests: 0 })));
        const until = performance.now() + 1000 * seconds;
        // As in a run, the first stretch does not count: it still pays for what pinning and other lengths changed.
        for (let stretch = 0; stretch < 2 || (performance.now() < until && !signal.aborted); stretch++) {
          const tallies = await generator.ask('paired', {
            rounds: ROUNDS_PER_STRETCH,
            lengths: [...LENGTHS],
            inFlight: STANDARD_IN_FLIGHT,
            seed: random.integer(2 ** 31),
            keys: null,
          });
          for (const [arm, { lengths = [] }] of tallies.entries()) {
            for (const [i, { requests, replicaCpuNs }] of lengths.entries()) {
              const sum = sums[arm]?.[i];
              if (stretch === 0 || sum === undefined || replicaCpuNs === null) continue;
              sum.nanos += replicaCpuNs;
              sum.requests += requests;
            }
          }
        }
        signal.throwIfAborted();
        return arms.map(({ baseline }, arm) => ({
          baseline,
          nanosPerRequest: (sums[arm] ?? []).map(({ nanos, requests }) => nanos / requests),
        }));
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      }
    },
    () => signal.removeEventListener('abort', interrupt),
    () => isolation.setTogether(generator),
    () => generator.stop(),
    () => stopInOrder([fleets]),
  );
}
