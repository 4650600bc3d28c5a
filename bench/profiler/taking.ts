/** Takes the CPU profile of a replica, and of the edge in front of it. */
import { runError } from '../../core/errors.ts';
import type { Replica } from '../fleet/replica.ts';
import { type CpuProfile, CpuProfileError, readCpuProfile } from './cpu-profile.ts';

/** Not a divisor of a millisecond, so that samples do not synchronise with timers. */
export const INTERVAL_MICROS = 173;
/** During a longer sample the thread was most likely off the core. */
export const LONGEST_MICROS = 4 * INTERVAL_MICROS;

export interface TakenProfiles {
  readonly own: CpuProfile;
  /** Under the same load; null for a replica without an edge. */
  readonly edge: CpuProfile | null;
}

/**
 * @param name of the replica in errors. @param hint for a profile that cannot be read
 *
 * @throws TollgateError if no profile is being taken, or it cannot be read
 */
export async function takeProfiles(
  replica: Pick<Replica, 'stopProfile'>,
  name: string,
  hint: string,
): Promise<TakenProfiles> {
  const { profile, edge } = await replica.stopProfile();
  try {
    return { own: readCpuProfile(profile), edge: edge === undefined ? null : readCpuProfile(edge) };
  } catch (error) {
    if (!(error instanceof CpuProfileError)) throw error;
    throw runError(`${name}: ${error.message}`, hint);
  }
}
