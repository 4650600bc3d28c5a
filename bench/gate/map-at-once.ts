/** Maps in order, with a limit on how many run at once. The first failure ends it, after those in progress have ended. */
export async function mapAtOnce<T, R>(
  items: readonly T[],
  atOnce: number,
  map: (item: T) => Promise<R>,
): Promise<(R | undefined)[]> {
  const results: (R | undefined)[] = items.map(() => undefined);
  const queue = items.entries();
  const faults: unknown[] = [];
  const worker = async () => {
    for (const [i, item] of queue) {
      if (faults.length > 0) return;
      try {
        results[i] = await map(item);
      } catch (error) {
        faults.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (faults.length > 0) throw faults[0];
  return results;
}
