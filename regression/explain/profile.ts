/** Profiles the servers of one fork of a comparison, once its turns are measured: they are warm, and nothing waits for them. */
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Fleet } from '../../bench/fleet/fleet.ts';
import type { Generator } from '../../bench/load/generator.ts';
import { addStacks, emptyStack, type Stack } from '../../bench/profiler/stacks.ts';
import { INTERVAL_MICROS, LONGEST_MICROS, takeProfiles } from '../../bench/profiler/taking.ts';
import { STANDARD_IN_FLIGHT } from '../../core/results/standard-load.ts';

/** Batches of ten requests each: some thousand samples of a side in each fork. */
const BATCHES = 400;

/**
 * One side after the other, and then in the reverse order: a sampled process pays for every sample while it waits for its
 * turn as well, so that both at once would disturb each other.
 * @param entries where the program of each side begins, by its key
 * @returns the stacks of each side by its key
 * @throws TollgateError where a profile cannot be taken
 */
export async function profileEach(
  generator: Generator,
  fleets: readonly Fleet[],
  entries: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<Map<string, Stack>> {
  const stacks = new Map(fleets.map(({ spec }) => [spec.key, emptyStack()]));
  for (const { spec, replicas } of [...fleets, ...fleets.toReversed()]) {
    signal.throwIfAborted();
    const [replica] = replicas;
    const stack = stacks.get(spec.key);
    if (replica === undefined || stack === undefined) continue;
    const load = { rounds: 1, batches: BATCHES, inFlight: STANDARD_IN_FLIGHT, seed: 1, keys: [spec.key] };
    await replica.startProfile(INTERVAL_MICROS);
    await generator.ask('paired', load);
    const { own, edge } = await takeProfiles(replica, spec.key, 'compare without --confirm, which takes no profile');
    const root = rootOf(entries.get(spec.key));
    for (const profile of edge === null ? [own] : [own, edge]) addStacks(stack, profile, root, LONGEST_MICROS);
  }
  return stacks;
}

/** The folder that holds `servers/`, as a URL that ends in a slash. */
function rootOf(entry = ''): string {
  const servers = entry.lastIndexOf('/servers/');
  return `${pathToFileURL(servers < 0 ? dirname(entry) : entry.slice(0, servers)).href}/`;
}
