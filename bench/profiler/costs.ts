/**
 * What a request costs in each package, from the slices of one arm in one fork. Pure.
 *
 * The profile gives shares of the main thread's busy time; CPU time per request comes from the same processes without
 * the profiler, in pairs with the baseline, read from the kernel's account. So buckets add up to what a request really
 * costs, and the profiler's own cost is in none of them. Other threads (compilation, garbage collection, crypto
 * workers) are not sampled: their CPU time is a separate bucket.
 */

import type { BusyCount } from '../../core/results/quotient.ts';
import type { Slice } from '../../core/results/schema.ts';
import { beyondShortTurns } from '../../core/results/turn-lengths.ts';
import { measure } from '../measuring/slices.ts';
import { OTHER_THREADS } from './bucket.ts';
import { OFF, ON, PROFILER_FACTOR } from './measures.ts';

export const EVERYTHING_ELSE = 'everything else';
/** A bucket that nowhere reaches this share of a request's CPU time is shown with the other small ones. */
const LEAST_SHARE = 0.01;

/** One arm in one fork. All in µs of CPU per request. */
export interface ForkCost {
  readonly fork: number;
  readonly byBucket: ReadonlyMap<string, number>;
  /** Cost measured in pairs with the baseline, to which the buckets add up. */
  readonly pairedUs: number;
  /** Cost of the arm loaded alone, with the profiler and without. */
  readonly profiledUs: number;
  readonly plainUs: number;
}

const cpuNs = (slices: readonly Slice[]) => slices.reduce((sum, slice) => sum + measure(slice, 'replica_cpu_ns'), 0);

/** CPU time per request of a busy server, as in the toll. */
function cpuUs(slices: readonly Slice[]): number {
  const sum = (of: BusyCount) => slices.reduce((total, slice) => total + beyondShortTurns(slice, of), 0);
  return sum('busy_replica_cpu_ns') / 1000 / sum('busy_requests');
}

/** The main thread's share of the CPU time; 1 where it could not be read. */
function mainThreadShare(slices: readonly Slice[]): number {
  const ns = slices.reduce(
    (sum, slice) => sum + measure(slice, 'main_thread_ratio') * measure(slice, 'replica_cpu_ns'),
    0,
  );
  const share = ns / cpuNs(slices);
  return Number.isFinite(share) ? share : 1;
}

/** The costs of an arm in each fork that has all it takes: a profile, and the loads without. */
export function forkCosts(slices: readonly Slice[], arm: string): ForkCost[] {
  const forks = Map.groupBy(
    slices.filter((slice) => slice.arm === arm && slice.requests > 0),
    ({ fork }) => fork,
  );
  return [...forks].flatMap(([fork, own]) => {
    const alone = (state: string) =>
      own.filter(({ mode, factors }) => mode === 'profile' && factors[PROFILER_FACTOR] === state);
    const paired = own.filter(({ mode }) => mode === 'paired');
    const [profiled] = alone(ON);
    if (profiled === undefined) return [];
    const sampled = Object.entries(profiled.measures.sampled_us ?? {});
    const total = sampled.reduce((sum, [, micros]) => sum + micros, 0);
    const [pairedUs, profiledUs, plainUs] = [cpuUs(paired), cpuUs([profiled]), cpuUs(alone(OFF))];
    if (!(total > 0 && [pairedUs, profiledUs, plainUs].every(Number.isFinite))) return [];
    const main = mainThreadShare(paired);
    const byBucket = new Map(sampled.map(([bucket, micros]) => [bucket, (pairedUs * main * micros) / total]));
    byBucket.set(OTHER_THREADS, pairedUs * (1 - main));
    return [{ fork, byBucket, pairedUs, profiledUs, plainUs }];
  });
}

/** The same costs with the small buckets added up, and every bucket in every fork. */
export function foldSmall(arms: ReadonlyMap<string, readonly ForkCost[]>): Map<string, ForkCost[]> {
  const large = new Set(
    [...arms.values()].flatMap((forks) => {
      const total = forks.reduce((sum, { pairedUs }) => sum + pairedUs, 0);
      const buckets = new Set(forks.flatMap(({ byBucket }) => [...byBucket.keys()]));
      return [...buckets].filter(
        (bucket) => forks.reduce((sum, { byBucket }) => sum + (byBucket.get(bucket) ?? 0), 0) >= LEAST_SHARE * total,
      );
    }),
  );
  const fold = (cost: ForkCost): ForkCost => {
    const byBucket = new Map([...large].map((bucket) => [bucket, cost.byBucket.get(bucket) ?? 0]));
    const shown = [...byBucket.values()].reduce((sum, us) => sum + us, 0);
    return { ...cost, byBucket: byBucket.set(EVERYTHING_ELSE, Math.max(0, cost.pairedUs - shown)) };
  };
  return new Map([...arms].map(([arm, forks]) => [arm, forks.map(fold)]));
}
