/** Profiles the servers of one fork of a comparison, once its turns are measured: they are warm, and nothing waits for them. */
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Fleet } from '../../bench/fleet/fleet.ts';
import type { Generator } from '../../bench/load/generator.ts';
import { CpuProfileError, readCpuProfile } from '../../bench/profiler/cpu-profile.ts';
import { addStacks, emptyStack, type Stack } from '../../bench/profiler/stacks.ts';
import { runError } from '../../core/errors.ts';
import { STANDARD_IN_FLIGHT } from '../../core/results/standard-load.ts';

/** Odd, so that samples do not fall into step with timers of whole milliseconds. */
const INTERVAL_MICROS = 173;
/** A sample that stands for longer was most likely off the core. */
const LONGEST_MICROS = 4 * INTERVAL_MICROS;
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
    addStacks(stack, checked(spec.key, await replica.stopProfile()), rootOf(entries.get(spec.key)), LONGEST_MICROS);
  }
  return stacks;
}

/** The folder that holds `servers/`, as a URL that ends in a slash. */
function rootOf(entry = ''): string {
  const servers = entry.lastIndexOf('/servers/');
  return `${pathToFileURL(servers < 0 ? dirname(entry) : entry.slice(0, servers)).href}/`;
}

function checked(side: string, profile: unknown) {
  try {
    return readCpuProfile(profile);
  } catch (error) {
    if (!(error instanceof CpuProfileError)) throw error;
    throw runError(`${side}: ${error.message}`, 'compare without --confirm, which takes no profile');
  }
}
