/** How a slice stores a profile: sampled time by package, idle time and cut time. */
import type { Measures } from '../../core/results/measures.ts';
import type { Attribution } from './attribute.ts';

/** A factor of the slices in which an arm had the load to itself: whether the profiler ran. */
export const PROFILER_FACTOR = 'profiler';
export const ON = 'on';
export const OFF = 'off';

export function measuresOf({ busyMicros, idleMicros, cutMicros, samples }: Attribution): Measures {
  return {
    sampled_us: Object.fromEntries(busyMicros),
    sampled_idle_us: idleMicros,
    sampled_cut_us: cutMicros,
    samples,
  };
}
