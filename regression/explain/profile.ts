/**
 * Profiles the servers of one fork of a comparison after its turns, when they are warm and nothing else is measured.
 */
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
 * One side after another, and then in the reverse order: a process pays for sampling while it waits as well, so
 * profiling both at once would disturb them. @param entries the program of each side, by key @returns the stacks of
 * each side, by key @throws TollgateError if a profile cannot be taken
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

/** The folder that contains `servers/`, as a URL that ends in a slash. */
function rootOf(entry = ''): string {
  const servers = entry.lastIndexOf('/servers/');
  return `${pathToFileURL(servers < 0 ? dirname(entry) : entry.slice(0, servers)).href}/`;
}
