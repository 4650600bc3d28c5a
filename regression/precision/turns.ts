/**
 * How far the CPU ratio depends on the length of a turn. One set of servers is driven in turns of several lengths. What a
 * request costs in turns of one length contains a part of what coming back cold costs; a slope between two lengths does not.
 */
import { type Fleet, type FleetEnvironment, type FleetSpec, startFleet } from '../../bench/fleet/fleet.ts';
import { type Generator, startGenerator } from '../../bench/load/generator.ts';
import { meRequests, targetOf } from '../../bench/measuring/slices.ts';
import { confine, coresApart, pinnableCores } from '../../bench/processes/cores.ts';
import { OPTIMISED_REQUESTS } from '../../bench/processes/optimised.ts';
import type { Random } from '../../core/stats/random.ts';
import { geometricMean } from '../../core/stats/ratio.ts';
import type { ArmInfo } from '../../servers/contract.ts';

/** Requests of a turn. */
export const LENGTHS = [50, 200, 1000] as const;
/** Of one arm in one stretch of one length. */
const REQUESTS_PER_STRETCH = 2_000;
const IN_FLIGHT = 10;
const WARM_UP_BATCHES = 20;
/** Beyond what the compiler needs. */
const WARM_UP_MARGIN = 3_000;

/** CPU time and requests of one arm, by length of turn, in the order of `LENGTHS`. */
export interface ArmTurns {
  readonly baseline: boolean;
  readonly nanosPerRequest: readonly number[];
}

/**
 * @returns percent by which the ratios to the baseline differ between short and long turns, mean over arms: where a cost is
 *   that of turns of one length, and where it is the slope between two. Pure.
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
      return arm.baseline ? [] : [ownLong / baseLong / (ownShort / baseShort)];
    });
    return 100 * Math.abs(geometricMean(shifts) - 1);
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
  const shared = { replicas: 1, replicaShare: null, redisShare: null, users: IN_FLIGHT };
  const specs = arms.map((arm): FleetSpec => ({ ...shared, key: arm.name, arm }));
  const fleets: Fleet[] = [];
  const generator = startGenerator(environment.janitor);
  const interrupt = () => generator.fail(new Error('interrupted'));
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const results = await Promise.allSettled(specs.map((spec) => startFleet(environment, spec)));
    for (const result of results) if (result.status === 'fulfilled') fleets.push(result.value);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    signal.throwIfAborted();
    setApart(generator, fleets);
    await generator.ask(
      'open',
      fleets.map((fleet) => targetOf(fleet, meRequests(fleet))),
    );
    const turn = (batches: number, rounds: number) =>
      generator.ask('paired', { rounds, batches, inFlight: IN_FLIGHT, seed: random.integer(2 ** 31), keys: null });
    const warmUp = OPTIMISED_REQUESTS.byDefault + WARM_UP_MARGIN;
    await turn(WARM_UP_BATCHES, Math.ceil(warmUp / WARM_UP_BATCHES / IN_FLIGHT));
    const nanos = arms.map(() => LENGTHS.map(() => 0));
    const requests = arms.map(() => LENGTHS.map(() => 0));
    const until = performance.now() + 1000 * seconds;
    do {
      for (const i of random.shuffle([...LENGTHS.keys()])) {
        const length = LENGTHS[i] ?? 1;
        const tallies = await turn(length / IN_FLIGHT, REQUESTS_PER_STRETCH / length);
        for (const [arm, tally] of tallies.entries()) {
          const [used, sent] = [nanos[arm], requests[arm]];
          if (used === undefined || sent === undefined || tally.replicaCpuNs === null) continue;
          used[i] = (used[i] ?? 0) + tally.replicaCpuNs.reduce((sum, one) => sum + one, 0);
          sent[i] = (sent[i] ?? 0) + tally.requests;
        }
      }
    } while (performance.now() < until && !signal.aborted);
    signal.throwIfAborted();
    return arms.map(({ baseline }, arm) => ({
      baseline,
      nanosPerRequest: LENGTHS.map((_, i) => (nanos[arm]?.[i] ?? 0) / (requests[arm]?.[i] ?? 0)),
    }));
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', interrupt);
    await generator.stop();
    await Promise.all(fleets.map((fleet) => fleet.stop()));
  }
}

/** Servers on one core, what measures and Redis on another, where there are two. */
function setApart(generator: Generator, fleets: readonly Fleet[]): void {
  const apart = coresApart(pinnableCores());
  if (apart === null) return;
  const core = apart.measured[0] ?? 0;
  confine(generator.pid, [apart.measuring]);
  for (const { replicas, redis } of fleets) {
    for (const { pid } of replicas) confine(pid, [core]);
    for (const pid of redis?.pids ?? []) confine(pid, [apart.measuring]);
  }
}
