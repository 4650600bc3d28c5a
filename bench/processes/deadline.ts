/**
 * A deadline that this process cannot miss for others. If it, or the machine, stood still for so long, what was waited for may
 * have come and not been read yet: it is, before the deadline counts.
 * @param late called once the time is over and what had arrived was read
 * @returns ends it
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
