/**
 * The cost of a request in each package, from the slices of one arm in one fork. Pure.
 *
 * The profile gives shares of the main thread's busy time; CPU time per request comes from the same processes without
 * the profiler, in pairs with the baseline, read from the kernel's account. So the buckets add up to the real cost of a
 * request, and none contains the cost of the profiler. Other threads (compilation, garbage collection, crypto workers) are
 * not sampled: their CPU time is a separate bucket. With an edge there are two main threads, each with its own profile and
 * its own share of the CPU time of both processes.
 */

import type { BusyCount } from '../../core/results/quotients/quotient.ts';
import { beyondShortTurns } from '../../core/results/quotients/turn-lengths.ts';
import type { Slice } from '../../core/results/schema.ts';
import { measure } from '../measuring/slices.ts';
import { atEdge, isAtEdge, OTHER_THREADS } from './bucket.ts';
import { OFF, ON, PROFILER_FACTOR } from './measures.ts';

export const EVERYTHING_ELSE = 'everything else';
/** A bucket that stays below this share of a request's CPU time everywhere is combined with other small ones. */
const LEAST_SHARE = 0.01;

/** One arm in one fork. All in µs of CPU per request. */
export interface ForkCost {
  readonly fork: number;
  readonly byBucket: ReadonlyMap<string, number>;
  /** Cost measured in pairs with the baseline; the buckets add up to it. */
  readonly pairedUs: number;
  /** Cost of the arm under load alone, with the profiler and without. */
  readonly profiledUs: number;
  readonly plainUs: number;
}

const cpuNs = (slices: readonly Slice[]) => slices.reduce((sum, slice) => sum + measure(slice, 'replica_cpu_ns'), 0);

/** CPU time per request of a busy server, as in the toll. */
function cpuUs(slices: readonly Slice[]): number {
  const sum = (of: BusyCount) => slices.reduce((total, slice) => total + beyondShortTurns(slice, of), 0);
  return sum('busy_replica_cpu_ns') / 1000 / sum('busy_requests');
}

/** A main thread's share of the CPU time of a replica and its edge; NaN if it could not be read. */
function mainThreadShare(slices: readonly Slice[], of: 'main_thread_ratio' | 'edge_main_thread_ratio'): number {
  const ns = slices.reduce((sum, slice) => sum + measure(slice, of) * measure(slice, 'replica_cpu_ns'), 0);
  return ns / cpuNs(slices);
}

/** The sampled main threads with their shares. Null if the shares of two threads are unknown. */
function sampledThreads(profiled: Slice, paired: readonly Slice[]): readonly Thread[] | null {
  const { sampled_us, edge_sampled_us } = profiled.measures;
  const share = mainThreadShare(paired, 'main_thread_ratio');
  const own = { sampled: Object.entries(sampled_us ?? {}), share };
  if (edge_sampled_us === undefined) return [{ ...own, share: Number.isFinite(share) ? share : 1 }];
  const edge = {
    sampled: Object.entries(edge_sampled_us).map(([bucket, us]): [string, number] => [atEdge(bucket), us]),
    share: mainThreadShare(paired, 'edge_main_thread_ratio'),
  };
  return Number.isFinite(own.share + edge.share) ? [own, edge] : null;
}

interface Thread {
  readonly sampled: readonly (readonly [bucket: string, micros: number])[];
  /** Share of the CPU time of all threads. */
  readonly share: number;
}

const totalOf = ({ sampled }: Thread) => sampled.reduce((sum, [, micros]) => sum + micros, 0);

/** The costs of an arm in each complete fork: one with a profile and the loads without. */
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
    const threads = sampledThreads(profiled, paired);
    const [pairedUs, profiledUs, plainUs] = [cpuUs(paired), cpuUs([profiled]), cpuUs(alone(OFF))];
    if (!threads?.every((thread) => totalOf(thread) > 0)) return [];
    if (![pairedUs, profiledUs, plainUs].every(Number.isFinite)) return [];
    const byBucket = new Map(
      threads.flatMap((thread) =>
        thread.sampled.map(([bucket, us]) => [bucket, (pairedUs * thread.share * us) / totalOf(thread)] as const),
      ),
    );
    byBucket.set(OTHER_THREADS, pairedUs * (1 - threads.reduce((sum, { share }) => sum + share, 0)));
    return [{ fork, byBucket, pairedUs, profiledUs, plainUs }];
  });
}

/**
 * The same costs with small buckets combined, and the same buckets in all forks; those of an edge only in forks of an arm
 * that has one.
 */
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
    const hasEdge = [...cost.byBucket.keys()].some(isAtEdge);
    const own = [...large].filter((bucket) => hasEdge || !isAtEdge(bucket));
    const byBucket = new Map(own.map((bucket) => [bucket, cost.byBucket.get(bucket) ?? 0]));
    const shown = [...byBucket.values()].reduce((sum, us) => sum + us, 0);
    return { ...cost, byBucket: byBucket.set(EVERYTHING_ELSE, Math.max(0, cost.pairedUs - shown)) };
  };
  return new Map([...arms].map(([arm, forks]) => [arm, forks.map(fold)]));
}
