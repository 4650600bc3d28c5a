/** How a slice stores a profile: sampled time by package, idle time and cut time. */
import type { Measures } from '../../core/results/measures.ts';
import type { Attribution } from './attribute.ts';

/** A factor of the slices of an arm under load alone: whether the profiler ran. */
export const PROFILER_FACTOR = 'profiler';
export const ON = 'on';
export const OFF = 'off';

/** @param edge profile of the edge's process, under the same load; null for a replica without one */
export function measuresOf(own: Attribution, edge: Attribution | null = null): Measures {
  const all = edge === null ? [own] : [own, edge];
  const sum = (of: (one: Attribution) => number) => all.reduce((total, one) => total + of(one), 0);
  return {
    sampled_us: Object.fromEntries(own.busyMicros),
    ...(edge === null ? {} : { edge_sampled_us: Object.fromEntries(edge.busyMicros) }),
    sampled_idle_us: sum(({ idleMicros }) => idleMicros),
    sampled_cut_us: sum(({ cutMicros }) => cutMicros),
    samples: sum(({ samples }) => samples),
  };
}
