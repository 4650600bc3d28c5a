/** Stops what belongs together. */
import { thenFailed } from './errors.ts';

interface Part {
  stop(): Promise<unknown>;
}

/**
 * Stops one group after another, and the parts of a group together. If a part cannot be stopped, the others still
 * are. @param groups null for a part that was not started @throws the errors of the parts, the first one first, after
 * all parts were told to stop
 */
export async function stopInOrder(groups: readonly (readonly (Part | null)[])[]): Promise<void> {
  const results: PromiseSettledResult<unknown>[] = [];
  for (const group of groups) results.push(...(await Promise.allSettled(group.map(async (part) => part?.stop()))));
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (reasons.length > 0) throw reasons.reduce(thenFailed);
}
