/** All published benchmarks in the comparison. */
import type { PublishedBenchmark, ReplayName } from './benchmark.ts';
import { LIBRARIES } from './sources/libraries.ts';
import { SERVERS } from './sources/servers.ts';
import { SIZES } from './sources/sizes.ts';

export const PUBLISHED: readonly PublishedBenchmark[] = [...SERVERS, ...SIZES, ...LIBRARIES];

/** The distinct replays that these need. */
export function replaysOf(benchmarks: readonly PublishedBenchmark[]): ReplayName[] {
  return [...new Set(benchmarks.flatMap(({ replay }) => ('by' in replay ? [replay.by] : [])))];
}
