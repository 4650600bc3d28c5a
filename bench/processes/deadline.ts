/**
 * A deadline that is not missed just because this process was suspended or busy. If it, or the machine, stood still
 * for so long, the awaited data may have arrived unread: it is read before the deadline counts.
 *
 * @param late called once the time is over and everything that had arrived was read
 *
 * @returns cancels the deadline
 */
export function deadline(ms: number, late: () => void): () => void {
  let reading: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    reading = setImmediate(late);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(reading);
  };
}
