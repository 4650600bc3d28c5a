/**
 * Keeps a process out of the way of a run that is being measured: it goes behind all others, and off the core on which a
 * run keeps its servers while it compares them, and its load generator while it times latencies.
 */
import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { confine } from '../../bench/processes/cores.ts';
import { separateUsableCores } from '../../bench/processes/usable-cores.ts';

/**
 * What the process starts from now on inherits both.
 * @param leavesCore false where the user has chosen cores
 */
export function stepAside(leavesCore: boolean): void {
  for (const thread of threads()) {
    try {
      setPriority(thread, constants.priority.PRIORITY_LOW);
    } catch {
      // The thread has just ended, or the system does not permit it: the watch is then an ordinary process.
    }
  }
  const cores = leavesCore ? separateUsableCores() : null;
  if (cores !== null) confine(process.pid, cores.measured);
}

/** The threads of this process, since Linux gives each thread its own priority. */
function threads(): readonly number[] {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [process.pid];
  }
}
