/** What the reports of a journal and of one half as long take, in turns, by one build or two. Pure. */
import type { Estimate } from '../../core/stats/interval.ts';
import { median } from '../../core/stats/location.ts';
import { createRandom } from '../../core/stats/random.ts';
import { pairedRatio } from '../../core/stats/ratio.ts';
import { formatBytes, formatCount, formatFixed } from '../../core/text/format.ts';
import { ratioOf, ratioText, type Side } from './turns.ts';

export const SIZES = ['half', 'whole'] as const;
export type Size = (typeof SIZES)[number];

/** One report of a turn. */
export interface Report {
  readonly side: Side;
  readonly size: Size;
}

export interface Measured extends Report {
  /** The number of the turn, from 0. */
  readonly turn: number;
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
}

/** Each turn makes every report once, in an order by chance, so that none gains by its place. */
export function turnsOf(count: number, sides: readonly Side[], seed: number): readonly (readonly Report[])[] {
  const random = createRandom(seed);
  const reports = sides.flatMap((side) => SIZES.map((size) => ({ side, size })));
  return Array.from({ length: count }, () => random.shuffle(reports));
}

/** The reports of one kind, in the order of their turns. */
function ofKind(measured: readonly Measured[], side: Side, size: Size): readonly Measured[] {
  return measured.filter((one) => one.side === side && one.size === size).sort((a, b) => a.turn - b.turn);
}

const cpuOf = (measured: readonly Measured[], side: Side, size: Size) =>
  ofKind(measured, side, size).map(({ cpuSeconds }) => cpuSeconds);

export interface Growth {
  /** The least CPU time of the whole over the least of the half: other processes only ever add to either. */
  readonly least: number;
  /** The ratio within each turn. */
  readonly paired: Estimate;
  /** The ratio of the medians. */
  readonly memory: number;
}

/** How much more this build takes for twice the slices. @param measured every turn, complete */
export function growthOf(measured: readonly Measured[], side: Side): Growth {
  const [half, whole] = [cpuOf(measured, side, 'half'), cpuOf(measured, side, 'whole')];
  return {
    least: Math.min(...whole) / Math.min(...half),
    paired: pairedRatio(
      whole.map((value, turn) => [{ value, baseline: half[turn] ?? Number.NaN }]),
      { seed: 1 },
    ),
    memory: peakOf(measured, side, 'whole') / peakOf(measured, side, 'half'),
  };
}

/** The median peak memory, in bytes. */
export function peakOf(measured: readonly Measured[], side: Side, size: Size): number {
  return median(ofKind(measured, side, size).map(({ peakRssBytes }) => peakRssBytes));
}

/** The CPU time of this build over that of the base, in the same turns. */
export function againstBase(measured: readonly Measured[], size: Size): Estimate {
  const base = cpuOf(measured, 'base', size);
  return ratioOf(cpuOf(measured, 'head', size).map((head, turn) => ({ head, base: base[turn] ?? Number.NaN })));
}

export interface Limits {
  readonly growth: number;
  /** Of the longer journal's report; null for one so long that none is set. */
  readonly bytes: number | null;
}

/** What exceeds its limit; empty if nothing does. Only this build is judged. */
export function excesses(measured: readonly Measured[], { growth, bytes }: Limits): string[] {
  const grows = growthOf(measured, 'head').least > growth;
  const isLarge = bytes !== null && peakOf(measured, 'head', 'whole') > bytes;
  return [
    ...(grows ? [`CPU time grows faster than the journal: more than ${growth}× for twice the slices`] : []),
    ...(isLarge ? [`the report takes more than ${formatBytes(bytes)}`] : []),
  ];
}

export interface Journal {
  readonly slices: number;
  readonly bytes: number;
}

/** @param labels of the builds that were measured */
export function growthText(
  measured: readonly Measured[],
  journals: Readonly<Record<Size, Journal>>,
  labels: Readonly<Partial<Record<Side, string>>>,
): string {
  const line = (cells: readonly string[]) => cells.map((cell) => cell.padStart(12)).join('');
  const sides = (['head', 'base'] as const).filter((side) => labels[side] !== undefined);
  const blocks = sides.flatMap((side) => {
    const { least, paired, memory } = growthOf(measured, side);
    return [
      ...(sides.length > 1 ? [labels[side] ?? side] : []),
      line(['slices', 'journal', 'least CPU', 'peak memory']),
      ...SIZES.map((size) =>
        line([
          formatCount(journals[size].slices),
          formatBytes(journals[size].bytes),
          `${formatFixed(Math.min(...cpuOf(measured, side, size)), 1)} s`,
          formatBytes(peakOf(measured, side, size)),
        ]),
      ),
      `Twice the slices take ${formatFixed(least, 2)}× the CPU time (in the same turn ${ratioText(paired)}), ${formatFixed(memory, 2)}× the memory.`,
    ];
  });
  const turns = 1 + Math.max(...measured.map(({ turn }) => turn));
  const against = () =>
    SIZES.map((size) => `${formatCount(journals[size].slices)} slices ${ratioText(againstBase(measured, size))}`);
  return [
    ...blocks,
    ...(sides.length > 1 ? [`CPU time of head over that of base: ${against().join(', ')}`] : []),
    `${turns} turns; 95 % intervals`,
  ].join('\n');
}
