/**
 * Where a build spends more time than another: differences by package and by function over several starts, with
 * simultaneous intervals. Pure.
 */
import type { Frame, Stack } from '../../bench/profiler/stacks.ts';
import { addTree, emptyStack, keyOf, selfTimes, totalMicros } from '../../bench/profiler/stacks.ts';
import { studentQuantile } from '../../core/stats/distributions.ts';
import type { Interval } from '../../core/stats/interval.ts';
import { mean } from '../../core/stats/location.ts';

/** One start of both builds. */
export interface ProfiledStart {
  readonly base: ProfiledSide;
  readonly head: ProfiledSide;
}

export interface ProfiledSide {
  /** Sampled stacks: only their shares matter. */
  readonly stacks: Stack;
  /** CPU time of a request in the same start, without the profiler, µs. */
  readonly requestUs: number;
}

/** A package or a function that takes significantly more or less time than in the base. */
export interface Shift {
  /** A function's name; null for a whole package. */
  readonly name: string | null;
  readonly file: string | null;
  /** The line in the head, from 1; null if it has none, or for a package. */
  readonly line: number | null;
  readonly package: string;
  readonly baseUs: number;
  readonly headUs: number;
  /** Head minus base, µs per request. All intervals of its kind hold simultaneously. */
  readonly difference: Interval;
}

export interface Shifts {
  readonly starts: number;
  readonly confidence: number;
  /** The largest difference first. */
  readonly packages: readonly Shift[];
  readonly functions: readonly Shift[];
  /** How many of each were compared, for the correction. */
  readonly compared: { readonly packages: number; readonly functions: number };
}

const EXPLAIN_CONFIDENCE = 0.95;
/** Items with a smaller share of both builds' time cannot explain a regression, and would only widen all intervals. */
const LEAST_SHARE = 0.002;
/** With fewer starts there is no useful interval. */
export const FEWEST_STARTS = 4;

interface Item {
  readonly frame: Frame;
  /** µs a request in each start. */
  readonly base: number[];
  readonly head: number[];
}

/** @returns null with too few starts */
export function shiftsOf(measured: readonly ProfiledStart[]): Shifts | null {
  if (measured.length < FEWEST_STARTS) return null;
  const starts = evened(measured);
  const functions = itemsOf(starts, keyOf);
  const packages = itemsOf(starts, ({ bucket }) => bucket);
  return {
    starts: starts.length,
    confidence: EXPLAIN_CONFIDENCE,
    packages: beyondNoise(packages).map((shift) => ({ ...shift, name: null, file: null, line: null })),
    functions: beyondNoise(functions),
    compared: { packages: packages.length, functions: functions.length },
  };
}

/**
 * The machine's speed differs between starts by much more than the builds do, and is the same for both within a
 * start, so each start is scaled to the mean cost of the base.
 */
function evened(starts: readonly ProfiledStart[]): ProfiledStart[] {
  const typical = mean(starts.map(({ base }) => base.requestUs));
  return starts.map(({ base, head }) => {
    const scale = typical / base.requestUs;
    return {
      base: { ...base, requestUs: base.requestUs * scale },
      head: { ...head, requestUs: head.requestUs * scale },
    };
  });
}

/** Selected by their time in both builds together, which is independent of its difference. */
function itemsOf(starts: readonly ProfiledStart[], key: (frame: Frame) => string): Item[] {
  const items = new Map<string, Item>();
  for (const [i, start] of starts.entries()) {
    for (const side of ['base', 'head'] as const) {
      const { stacks, requestUs } = start[side];
      const total = totalMicros(stacks);
      if (total === 0) continue;
      for (const { frame, micros } of selfTimes(stacks)) {
        const none = () => starts.map(() => 0);
        const known = items.get(key(frame));
        // The head's line is the one that a reader looks up.
        const item = known === undefined ? { frame, base: none(), head: none() } : known;
        if (known === undefined || side === 'head') items.set(key(frame), { ...item, frame });
        item[side][i] = (item[side][i] ?? 0) + (requestUs * micros) / total;
      }
    }
  }
  const whole = mean(starts.map(({ base, head }) => base.requestUs + head.requestUs));
  return [...items.values()].filter(({ base, head }) => mean(base) + mean(head) >= LEAST_SHARE * whole);
}

/**
 * Student's t over starts with Bonferroni's correction: the probability of any false positive is at most 1 −
 * confidence.
 */
function beyondNoise(items: readonly Item[]): Shift[] {
  return items
    .flatMap(({ frame, base, head }): Shift[] => {
      const differences = head.map((us, i) => us - (base[i] ?? 0));
      const count = differences.length;
      const value = mean(differences);
      const variance = differences.reduce((sum, one) => sum + (one - value) ** 2, 0) / (count - 1);
      const alpha = (1 - EXPLAIN_CONFIDENCE) / items.length;
      const half = studentQuantile(1 - alpha / 2, count - 1) * Math.sqrt(variance / count);
      if (!(Math.abs(value) > half)) return [];
      const { name, file, line, bucket } = frame;
      const difference = { value, low: value - half, high: value + half };
      return [{ name, file, line, package: bucket, baseUs: mean(base), headUs: mean(head), difference }];
    })
    .toSorted((a, b) => Math.abs(b.difference.value) - Math.abs(a.difference.value));
}

/** A stack of both builds, µs a request, means over starts. */
export interface FlameNode {
  readonly name: string;
  readonly file: string;
  readonly package: string;
  /** Time including everything that it calls. */
  readonly baseUs: number;
  readonly headUs: number;
  readonly children: readonly FlameNode[];
}

/** Both builds' stacks in one tree; a node that only one has is 0 in the other. */
export function flameOf(measured: readonly ProfiledStart[], name: string): FlameNode {
  const starts = evened(measured);
  const [base, head] = (['base', 'head'] as const).map((side) => {
    const sum = emptyStack();
    for (const start of starts) {
      const { stacks, requestUs } = start[side];
      addTree(sum, stacks, requestUs / (totalMicros(stacks) || 1) / starts.length);
    }
    return sum;
  });
  return { ...nodeOf(base, head), name };
}

function nodeOf(base: Stack | undefined, head: Stack | undefined): FlameNode {
  const frame = (head ?? base)?.frame;
  const keys = new Set([...(base?.below.keys() ?? []), ...(head?.below.keys() ?? [])]);
  const children = [...keys].map((key) => nodeOf(base?.below.get(key), head?.below.get(key)));
  const sum = (of: 'baseUs' | 'headUs') => children.reduce((total, child) => total + child[of], 0);
  return {
    name: frame?.name ?? '',
    file: frame?.file ?? '',
    package: frame?.bucket ?? '',
    baseUs: (base?.selfMicros ?? 0) + sum('baseUs'),
    headUs: (head?.selfMicros ?? 0) + sum('headUs'),
    children: children.toSorted((a, b) => a.name.localeCompare(b.name)),
  };
}
