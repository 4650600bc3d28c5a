/**
 * Keeps a process from disturbing a run that is being measured: it gets the lowest priority, and avoids the core on
 * which a run keeps its servers during comparisons, and its load generator during latency measurements.
 */
import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { confine } from '../../bench/processes/cores.ts';
import { separateUsableCores } from '../../bench/processes/usable-cores.ts';

/** Processes that it starts later inherit both. @param leavesCore false if the user has chosen cores */
export function stepAside(leavesCore: boolean): void {
  for (const thread of threads()) {
    try {
      setPriority(thread, constants.priority.PRIORITY_LOW);
    } catch {
      // The thread has just ended, or the system does not permit it: this is then an ordinary process.
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
