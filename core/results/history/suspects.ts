/** What else changed when a level changed: the first things to suspect. Pure. */
import type { HistoryEntry, HistoryOrigin } from './history.ts';

export interface Suspect {
  /** `Node`, `kernel`, or the name of a package. */
  readonly name: string;
  /** A version; null where there was none. */
  readonly before: string | null;
  readonly after: string | null;
}

/**
 * @param before the run before the change, and `after` the first of the new level
 * @returns what differs between them, the machine first; null where one of them does not say what it was made with
 */
export function suspectsOf(before: HistoryEntry | undefined, after: HistoryEntry | undefined): Suspect[] | null {
  if (before?.origin === undefined || after?.origin === undefined) return null;
  const [old, now] = [partsOf(before.origin), partsOf(after.origin)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return names.flatMap((name) => {
    const [from, to] = [old[name] ?? null, now[name] ?? null];
    return from === to ? [] : [{ name, before: from, after: to }];
  });
}

function partsOf({ cpuModel, kernel, node, v8, redis, packages }: HistoryOrigin): Record<string, string | null> {
  return { processor: cpuModel, kernel, Node: node, V8: v8, Redis: redis, ...packages };
}
