/**
 * Limits and usage of the control groups around this process, such as a container's: memory, and CPU time above a
 * quota.
 */
import { join } from 'node:path';
import { type Group, ProcessTrees, textOf } from './cgroups.ts';

/** The group of this process and all visible groups around it, the innermost first. */
function* upwards({ path, top }: Group): Generator<string> {
  for (let at = path; at.startsWith(top); at = join(at, '..')) {
    yield at;
    if (at === top || at === '/') return;
  }
}

function* groups(root: string, controller: string): Generator<{ readonly version: 1 | 2; readonly path: string }> {
  const trees = new ProcessTrees('self', root);
  for (const group of [trees.version1(controller), trees.version2()]) {
    if (group === null) continue;
    for (const path of upwards(group)) yield { version: group.version, path };
  }
}

/** Version 1 writes "no limit" as the largest number of pages that it can count. */
const NO_LIMIT = 2 ** 60;

/** @returns the tightest memory limit, in bytes; null if memory is not limited */
export function readMemoryLimit(root = '/'): number | null {
  const limits = [...groups(root, 'memory')].flatMap(({ version, path }) => {
    const text = textOf(join(path, version === 2 ? 'memory.max' : 'memory.limit_in_bytes')).trim();
    const bytes = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    return bytes > 0 && bytes < NO_LIMIT ? [bytes] : [];
  });
  return limits.length === 0 ? null : Math.min(...limits);
}

/** How often a quota throttled the processes of a group. */
export interface Throttling {
  /** Enforcement periods of the quota, usually 100 ms each. */
  readonly periods: number;
  readonly throttledPeriods: number;
  readonly seconds: number;
}

/** The counts so far of each group that has a quota, by its path. */
export type ThrottlingCounts = ReadonlyMap<string, Throttling>;

export function readThrottling(root = '/'): ThrottlingCounts {
  return new Map(
    [...groups(root, 'cpu')].flatMap(({ version, path }): [string, Throttling][] => {
      const text = textOf(join(path, 'cpu.stat'));
      const count = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
      const throttling = {
        periods: count('nr_periods'),
        throttledPeriods: count('nr_throttled'),
        seconds: version === 2 ? count('throttled_usec') / 1e6 : count('throttled_time') / 1e9,
      };
      return Object.values(throttling).every(Number.isFinite) ? [[path, throttling]] : [];
    }),
  );
}

/** The throttling between two readings, of the group that was throttled for longest; null if none was. */
export function throttledBetween(before: ThrottlingCounts, after: ThrottlingCounts): Throttling | null {
  const differences = [...after].map(([path, end]) => {
    const start = before.get(path);
    return {
      periods: end.periods - (start?.periods ?? 0),
      throttledPeriods: end.throttledPeriods - (start?.throttledPeriods ?? 0),
      seconds: end.seconds - (start?.seconds ?? 0),
    };
  });
  const [most] = differences
    .filter(({ throttledPeriods }) => throttledPeriods > 0)
    .sort((a, b) => b.seconds - a.seconds);
  return most ?? null;
}
