/** What else changed when a level changed: the first things to suspect. Pure. */
import type { HistoryOrigin, HistoryRun } from './entry.ts';

export interface Suspect {
  /** `Node`, `kernel`, or the name of a package. */
  readonly name: string;
  /** A version; null if it was absent. */
  readonly before: string | null;
  readonly after: string | null;
}

/**
 * @param before the run before the change, and `after` the first of the new level @returns their differences, the
 * machine first; null if one of them does not record its origin
 */
export function suspectsOf(before: HistoryRun | undefined, after: HistoryRun | undefined): Suspect[] | null {
  if (before?.origin === undefined || after?.origin === undefined) return null;
  const [old, now] = [partsOf(before.origin), partsOf(after.origin)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return names.flatMap((name) => {
    const [from, to] = [old[name] ?? null, now[name] ?? null];
    return from === to ? [] : [{ name, before: from, after: to }];
  });
}

/** The share of runs that may have the other kind's value, because a few may be misclassified. */
const FEW = 0.05;

/**
 * The differences in origin that distinguish two kinds of runs. @returns the most frequent value of each such part:
 * `before` for the lower kind, and `after` for the upper one
 */
export function tellApart(lower: readonly HistoryRun[], upper: readonly HistoryRun[]): Suspect[] {
  const partsOfAll = (entries: readonly HistoryRun[]) =>
    entries.flatMap(({ origin }) => (origin ? [partsOf(origin)] : []));
  const [low, high] = [partsOfAll(lower), partsOfAll(upper)];
  if (low.length === 0 || high.length === 0) return [];
  const names = [...new Set([...low, ...high].flatMap((parts) => Object.keys(parts)))];
  return names.flatMap((name) => {
    const [before, after] = [low, high].map((all) => Map.groupBy(all, (parts) => parts[name] ?? null));
    const shared = [...(before ?? [])].reduce(
      (sum, [value, own]) => sum + Math.min(own.length, after?.get(value)?.length ?? 0),
      0,
    );
    if (shared > FEW * (low.length + high.length)) return [];
    const most = (by: typeof before) => [...(by ?? [])].toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? null;
    return [{ name, before: most(before), after: most(after) }];
  });
}

function partsOf({ cpuModel, kernel, node, v8, redis, packages }: HistoryOrigin): Record<string, string | null> {
  return { processor: cpuModel, kernel, Node: node, V8: v8, Redis: redis, ...packages };
}
