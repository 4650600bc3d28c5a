/** Stops what belongs together. */
import { thenFailed } from '../../core/errors.ts';

interface Part {
  stop(): Promise<unknown>;
}

/**
 * Stops one group after the other, and the parts of a group together. A part that cannot be stopped keeps no other one running.
 * @param groups null for a part that was not started
 * @throws what the first part failed with, and then the others, once all parts were told to stop
 */
export async function stopInOrder(groups: readonly (readonly (Part | null)[])[]): Promise<void> {
  const results: PromiseSettledResult<unknown>[] = [];
  for (const group of groups) results.push(...(await Promise.allSettled(group.map(async (part) => part?.stop()))));
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (reasons.length > 0) throw reasons.reduce(thenFailed);
}
