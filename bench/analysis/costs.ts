/** What a request costs: the figures that every paired experiment has, from a cell and the baseline beside it. Pure. */
import type { Flag } from '../../core/results/flags.ts';
import type { Quotient } from '../../core/results/quotient.ts';
import type { Figure, Slice } from '../../core/results/schema.ts';
import type { Estimate } from '../../core/stats/interval.ts';
import { byFork } from '../measuring/slices.ts';
import type { Cell } from './cell.ts';
import { WIDE } from './figure.ts';
import { hasQuotient, pairsOf, quotientIn, quotientOf } from './quotients.ts';

const CPU = quotientOf('cpu_us_per_request');
/** CPU time of all turns, which is the most precise value in one block. */
const WHOLE_CPU: Quotient = { numerator: 'replica_cpu_ns', denominator: 'requests' };
/** The baseline may move this much between blocks before absolute values are flagged. */
const DRIFT = 1.25;

/** CPU time of the replica per request of one slice. */
export const cpuUs = (slice: Slice) => quotientIn(slice, CPU);

/** Slices that can be used: something was answered, and CPU time could be read. */
export function usable(slices: readonly Slice[]): readonly Slice[] {
  return slices.filter((slice) => hasQuotient(slice, CPU));
}

/** CPU time per request of both, matched by fork and block. */
export function ratioPairs(slices: readonly Slice[], baselines: readonly Slice[]) {
  return pairsOf(slices, baselines, CPU);
}

/** Whether the absolute values of these blocks belong to more than one state of the machine. */
export function drifted(baselines: readonly Slice[]): boolean {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const used = usable(baselines);
  // As arguments of one call, the values of a large journal would be too many.
  for (const slice of used) {
    const value = quotientIn(slice, WHOLE_CPU);
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return used.length > 1 && most > DRIFT * least;
}

/** Flags of absolute values: the machine's drift is in them, unless the baseline beside them stayed as it was. */
export function absoluteFlags({ flags, baselines }: Cell): Flag[] {
  return [
    ...flags,
    ...(baselines.length === 0 ? (['unpaired'] as const) : []),
    ...(drifted(baselines) ? (['machine-drift'] as const) : []),
  ];
}

/**
 * CPU time, alone and against the baseline, bytes and memory.
 * @param ratio to the baseline; that of the cell's own blocks where left out
 */
export function costFigures(
  cell: Cell,
  isBaseline: boolean,
  ratio: Estimate | null = isBaseline ? null : cell.estimatePaired('cpu_ratio_to_baseline', 'ratio'),
): Figure[] {
  const wide = { targetHalfWidth: WIDE.cost };
  return [
    ...cell.quotient('cpu_us_per_request', { ...wide, flags: absoluteFlags(cell) }),
    ...(ratio === null ? [] : [cell.figure('cpu_ratio_to_baseline', ratio, { ...wide, flags: cell.comparedFlags() })]),
    ...(isBaseline ? [] : cell.paired('cpu_toll_us', { label: 'toll' })),
    ...cell.quotient('cold_turn_us', { flags: absoluteFlags(cell) }),
    ...cell.quotient('request_bytes'),
    ...cell.quotient('response_bytes'),
    ...memory(cell),
  ];
}

/** What Redis does for a request. These may be of slices of another mode, where Redis is shared. */
export function redisCostFigures(cell: Cell): Figure[] {
  return [
    ...cell.quotient('redis_cpu_us_per_request'),
    ...cell.quotient('redis_commands_per_request'),
    ...(cell.slices.some(({ measures }) => measures.has_companions !== undefined)
      ? cell.quotient('companion_cpu_us_per_request')
      : []),
    ...cell.quotient('total_cpu_us_per_request'),
  ];
}

/** What Postgres does for a request of a service, by slices in which it was counted. */
export function postgresCostFigures(cell: Cell): Figure[] {
  return [
    ...cell.quotient('postgres_transactions_per_request'),
    ...cell.quotient('postgres_rows_read_per_request'),
    ...cell.quotient('postgres_rows_written_per_request'),
    ...cell.quotient('postgres_cpu_us_per_request'),
  ];
}

/** Memory at the end of each fork: it grows while a process warms up. */
function memory(cell: Cell): Figure[] {
  const last = byFork(cell.slices).flatMap((fork) => fork.slice(-1));
  return cell.of(last).mean('rss_bytes', 'rss_bytes', { label: 'rss', flags: [] });
}
