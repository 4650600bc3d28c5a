/** What merging the same shards takes, by one build or by two in turns. Pure. */
import type { Estimate } from '../../core/stats/interval.ts';
import { median } from '../../core/stats/location.ts';
import { formatBytes, formatFixed } from '../../core/text/format.ts';
import { ratioOf, ratioText, type Side } from './turns.ts';

/** One merge, in a process of its own. */
export interface Merge {
  readonly side: Side;
  readonly turn: number;
  /** From the start of the process to its end. */
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
}

export const MOST_SECONDS = 20;
export const MOST_BYTES = 500e6;

const by = (merges: readonly Merge[], side: Side) =>
  merges.filter((merge) => merge.side === side).toSorted((a, b) => a.turn - b.turn);

/** Other processes only add to a time, so the least one is compared with the limit; memory is compared by its median. */
export function costBy(merges: readonly Merge[], side: Side) {
  const own = by(merges, side);
  return {
    leastWallSeconds: Math.min(...own.map(({ wallSeconds }) => wallSeconds)),
    leastCpuSeconds: Math.min(...own.map(({ cpuSeconds }) => cpuSeconds)),
    peakRssBytes: median(own.map(({ peakRssBytes }) => peakRssBytes)),
  };
}

/** The CPU time of this build over that of the base, in the same turns. */
export function cpuRatio(merges: readonly Merge[]): Estimate {
  const base = by(merges, 'base');
  return ratioOf(
    by(merges, 'head').map((head, i) => ({ head: head.cpuSeconds, base: base[i]?.cpuSeconds ?? Number.NaN })),
  );
}

/** Whether this build exceeds the limits; empty if it does not. */
export function mergeExcesses(merges: readonly Merge[]): string[] {
  const { leastWallSeconds, peakRssBytes } = costBy(merges, 'head');
  return [
    ...(leastWallSeconds > MOST_SECONDS ? [`merging takes more than ${MOST_SECONDS} s`] : []),
    ...(peakRssBytes > MOST_BYTES ? [`merging takes more than ${formatBytes(MOST_BYTES)}`] : []),
  ];
}

/** @param labels of the builds that were measured */
export function mergesText(merges: readonly Merge[], labels: Readonly<Partial<Record<Side, string>>>): string {
  const sides = (['head', 'base'] as const).filter((side) => labels[side] !== undefined);
  const line = (cells: readonly string[], label: string) =>
    `${cells.map((cell) => cell.padStart(12)).join('')}  ${label}`;
  const turns = 1 + Math.max(...merges.map(({ turn }) => turn));
  const rows = sides.map((side) => {
    const { leastWallSeconds, leastCpuSeconds, peakRssBytes } = costBy(merges, side);
    const cells = [leastWallSeconds, leastCpuSeconds].map((seconds) => `${formatFixed(seconds, 1)} s`);
    return line([...cells, formatBytes(peakRssBytes)], labels[side] ?? side);
  });
  const compared = () => `CPU time of head over that of base: ${ratioText(cpuRatio(merges))}, 95 % interval`;
  return [
    line(['least time', 'least CPU', 'peak memory'], '').trimEnd(),
    ...rows,
    ...(sides.length > 1 ? [compared()] : []),
    `${turns} turns`,
  ].join('\n');
}
