/** How a profile stands in a slice's measures: one sum of sampled µs for each bucket. */
import type { Slice } from '../../core/results/schema.ts';
import type { Attribution } from './attribute.ts';

const SAMPLED = 'sampled_us:';

/** A factor of the slices in which an arm had the load to itself: whether the profiler ran. */
export const PROFILER_FACTOR = 'profiler';
export const ON = 'on';
export const OFF = 'off';

export function measuresOf({ busyMicros, idleMicros, cutMicros, samples }: Attribution): Record<string, number> {
  return {
    ...Object.fromEntries([...busyMicros].map(([bucket, micros]) => [`${SAMPLED}${bucket}`, micros])),
    sampled_idle_us: idleMicros,
    sampled_cut_us: cutMicros,
    samples,
  };
}

/** Sampled µs by bucket, from a slice's measures. */
export function sampledMicros({ measures }: Pick<Slice, 'measures'>): Map<string, number> {
  return new Map(
    Object.entries(measures).flatMap(([name, micros]) =>
      name.startsWith(SAMPLED) ? [[name.slice(SAMPLED.length), micros] as const] : [],
    ),
  );
}
