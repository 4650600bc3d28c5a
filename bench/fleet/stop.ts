/** Stops what belongs together. */

interface Part {
  stop(): Promise<unknown>;
}

/**
 * Stops one group after the other, and the parts of a group together. A part that cannot be stopped keeps no other one running.
 * @param groups null for a part that was not started
 * @throws what the first part failed with, once all parts were told to stop
 */
export async function stopInOrder(groups: readonly (readonly (Part | null)[])[]): Promise<void> {
  const results: PromiseSettledResult<unknown>[] = [];
  for (const group of groups) results.push(...(await Promise.allSettled(group.map(async (part) => part?.stop()))));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
