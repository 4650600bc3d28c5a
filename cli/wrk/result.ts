/** The result of `npm run bench:wrk`, in figures and in words. Pure. */
import type { Flag } from '../../core/results/flags.ts';
import { median } from '../../core/stats/location.ts';
import { type Pair, pairedRatio } from '../../core/stats/ratio.ts';
import { formatFixed, formatRatio } from '../../core/text/format.ts';

/** One block: both loads on the same server, one right after the other. */
export interface WrkBlock {
  /** Requests per second of the closed loop, and of wrk as the baseline. */
  readonly rates: Pair;
  /** CPU time per request of each, µs; null where it could not be read. */
  readonly generatorUs: number;
  readonly wrkUs: number | null;
  readonly serverUs: number | null;
  /** Flags of the closed loop's window. */
  readonly flags: readonly Flag[];
}

export interface WrkResult {
  /** The closed loop's rate divided by wrk's. */
  readonly ratio: ReturnType<typeof pairedRatio>;
  /** Median CPU time per request, µs. */
  readonly cpuUs: Readonly<Record<'closedLoop' | 'wrk' | 'server', number | null>>;
  /** Blocks with that flag. */
  readonly flagged: Readonly<Partial<Record<Flag, number>>>;
  readonly blocks: number;
  /** In most blocks the server was not the limit of the closed loop: the ratio compares generators. */
  readonly isGeneratorLimited: boolean;
}

function medianOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}

/** @param forks `forks[fork][block]`, with at least one block */
export function wrkResult(forks: readonly (readonly WrkBlock[])[], seed: number): WrkResult {
  const all = forks.flat();
  const flagged: Partial<Record<Flag, number>> = {};
  for (const flag of all.flatMap(({ flags }) => flags)) flagged[flag] = (flagged[flag] ?? 0) + 1;
  return {
    ratio: pairedRatio(
      forks.map((blocks) => blocks.map(({ rates }) => rates)),
      { seed },
    ),
    cpuUs: {
      closedLoop: medianOf(all.map(({ generatorUs }) => generatorUs)),
      wrk: medianOf(all.map(({ wrkUs }) => wrkUs)),
      server: medianOf(all.map(({ serverUs }) => serverUs)),
    },
    flagged,
    blocks: all.length,
    isGeneratorLimited: 2 * (flagged['generator-saturated'] ?? 0) > all.length,
  };
}

export function wrkText({ ratio, cpuUs, flagged, blocks, isGeneratorLimited }: WrkResult): string {
  const micros = (value: number | null) => (value === null ? 'unknown' : `${formatFixed(value, 1)} µs`);
  const saturated = flagged['generator-saturated'] ?? 0;
  const crowded = flagged.oversubscribed ?? 0;
  return [
    `closed loop / wrk: ${formatRatio(ratio)}${isGeneratorLimited ? ', limited by the closed loop itself' : ''}`,
    `CPU time per request: closed loop ${micros(cpuUs.closedLoop)}, wrk ${micros(cpuUs.wrk)}, server ${micros(cpuUs.server)}`,
    ...(saturated > 0
      ? [`generator-saturated: the closed loop had no time left in ${saturated} of ${blocks} blocks`]
      : []),
    ...(crowded > 0 ? [`oversubscribed: generator and server used all cores in ${crowded} of ${blocks} blocks`] : []),
  ].join('\n');
}
