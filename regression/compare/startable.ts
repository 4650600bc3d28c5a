/** The error for a build that does not run. */
import { environmentError, TollgateError } from '../../core/errors.ts';
import type { Build } from './build.ts';

/** Attributes a failed start to the build, and names an incompatible contract as the cause if there is one. */
export async function startable<T>(build: Build, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof TollgateError)) throw error;
    if (/message to the replica is wrong|was not ready within/.test(error.message)) {
      throw environmentError(
        `${build.label} uses a different protocol between bench and replica: ${error.message}`,
        'compare with a later version, or run the comparison from the older checkout',
      );
    }
    throw environmentError(`${build.label} does not run: ${error.message}`, error.hint);
  }
}
