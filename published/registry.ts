/** Every published benchmark that is looked at here. */
import type { PublishedBenchmark, ReplayName } from './benchmark.ts';
import { LIBRARIES } from './sources/libraries.ts';
import { SERVERS } from './sources/servers.ts';
import { SIZES } from './sources/sizes.ts';

export const PUBLISHED: readonly PublishedBenchmark[] = [...SERVERS, ...SIZES, ...LIBRARIES];

/** The replays that these need, each once. */
export function replaysOf(benchmarks: readonly PublishedBenchmark[]): ReplayName[] {
  return [...new Set(benchmarks.flatMap(({ replay }) => ('by' in replay ? [replay.by] : [])))];
}
