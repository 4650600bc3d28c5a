/** The limit on open files: below what a run needs, sockets and counters fail one by one, and figures are missing or wrong. */
import { readFileSync } from 'node:fs';
import { environmentError, type TollgateError } from '../../core/errors.ts';

/** Every arm has ten connections or more in one process. Linux permits 4,096 unless somebody sets less. */
const LEAST = 1024;

/**
 * @param limits the contents of /proc/self/limits; Node has raised the soft limit to the hard one
 * @returns null if they permit enough, or say nothing
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
    // Another system than Linux: it has no such file, and limits of its own.
    return;
  }
  const fault = openFilesFault(limits);
  if (fault !== null) throw fault;
}
