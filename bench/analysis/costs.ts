/** The cost of a request: the figures common to every paired experiment, from a cell and its baseline. Pure. */
import type { Flag } from '../../core/results/flags.ts';
import type { Quotient } from '../../core/results/quotients/quotient.ts';
import type { Figure, Slice } from '../../core/results/schema.ts';
import type { Estimate } from '../../core/stats/interval.ts';
import { byFork } from '../measuring/slices.ts';
import type { Cell } from './cell.ts';
import { WIDE } from './figure.ts';
import { hasQuotient, pairsOf, quotientIn, quotientOf } from './quotients.ts';

const CPU = quotientOf('cpu_us_per_request');
/** CPU time of all turns, which is the most precise value within one block. */
const WHOLE_CPU: Quotient = { numerator: 'replica_cpu_ns', denominator: 'requests' };
/** Absolute values are flagged if the baseline changes by more than this factor between blocks. */
const DRIFT = 1.25;

/** CPU time of the replica per request of one slice. */
export const cpuUs = (slice: Slice) => quotientIn(slice, CPU);

/** Usable slices: with responses, and with readable CPU time. */
export function usable(slices: readonly Slice[]): readonly Slice[] {
  return slices.filter((slice) => hasQuotient(slice, CPU));
}

/** CPU time per request of both, matched by fork and block. */
export function ratioPairs(slices: readonly Slice[], baselines: readonly Slice[]) {
  return pairsOf(slices, baselines, CPU);
}

/** Whether the machine's speed changed over these blocks, which affects absolute values. */
export function drifted(baselines: readonly Slice[]): boolean {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const used = usable(baselines);
  // A large journal has too many values for the arguments of one call.
  for (const slice of used) {
    const value = quotientIn(slice, WHOLE_CPU);
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return used.length > 1 && most > DRIFT * least;
}

/** Flags of absolute values: they include the machine's drift, unless the baseline was constant. */
export function absoluteFlags({ flags, baselines }: Cell): Flag[] {
  return [
    ...flags,
    ...(baselines.length === 0 ? (['unpaired'] as const) : []),
    ...(drifted(baselines) ? (['machine-drift'] as const) : []),
  ];
}

/**
 * CPU time, absolute and relative to the baseline, bytes and memory. @param ratio to the baseline; default: that of
 * the cell's own blocks
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

/** Redis figures per request. The slices may have another mode, in which Redis is shared. */
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

/** Postgres figures per request of a service, from slices in which it was counted. */
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
