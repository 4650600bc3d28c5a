/** The limit on open files: if it is too low, sockets and counters fail one by one, and figures are missing or wrong. */
import { readFileSync } from 'node:fs';
import { environmentError, type TollgateError } from '../../core/errors.ts';

/** Every arm has at least ten connections in one process. The default of Linux is 4,096. */
const LEAST = 1024;

/**
 * @param limits the content of /proc/self/limits; Node has raised the soft limit to the hard one
 *
 * @returns null if they are sufficient, or unknown
 */
export function openFilesFault(limits: string): TollgateError | null {
  const [, files] = /^Max open files +(\d+) /m.exec(limits) ?? [];
  if (files === undefined || Number(files) >= LEAST) return null;
  return environmentError(
    `this process may open only ${files} files and sockets, and needs ${LEAST}`,
    `raise the limit, such as with ulimit -n ${4 * LEAST}, or --ulimit nofile=${4 * LEAST} for a container`,
  );
}

/** @throws TollgateError if the limit is too low */
export function refuseFewFiles(): void {
  let limits: string;
  try {
    limits = readFileSync('/proc/self/limits', 'latin1');
  } catch {
    // A system other than Linux has no such file, and different limits.
    return;
  }
  const fault = openFilesFault(limits);
  if (fault !== null) throw fault;
}
