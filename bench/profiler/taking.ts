/** Takes the CPU profile of a replica, and of the edge in front of it. */
import { runError } from '../../core/errors.ts';
import type { Replica } from '../fleet/replica.ts';
import { type CpuProfile, CpuProfileError, readCpuProfile } from './cpu-profile.ts';

/** Odd, so that samples do not fall into step with timers of whole milliseconds. */
export const INTERVAL_MICROS = 173;
/** A sample that stands for longer was most likely off the core. */
export const LONGEST_MICROS = 4 * INTERVAL_MICROS;

export interface TakenProfiles {
  readonly own: CpuProfile;
  /** Of the same load; null for a replica without an edge. */
  readonly edge: CpuProfile | null;
}

/**
 * @param name what errors call the replica. @param hint what to do about a profile that cannot be read
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
