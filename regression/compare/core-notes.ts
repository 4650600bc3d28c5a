/** What a comparison's reader has to know about the cores that it had. */
import { clientPolls, readUsableCores } from '../../bench/processes/usable-cores.ts';

/** @param cores of this machine. Pure with them */
export function coreNotes(costs: readonly { readonly pinned: boolean }[], cores = readUsableCores()): string[] {
  const notes: string[] = [];
  if (costs.some(({ pinned }) => !pinned)) {
    notes.push('The servers shared their cores with the load (one core, or no taskset), so a verdict takes longer.');
  }
  if (costs.length > 0 && !clientPolls(cores)) {
    notes.push(
      'The load generator slept while it waited (one core or less), so servers paid for waking it: ratios are closer to 1.',
    );
  }
  return notes;
}
