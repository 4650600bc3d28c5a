/**
 * The cost of a request to a server that works in batches, as Redis does with pipelined commands. Every wake-up of
 * its event loop has a fixed cost (the poll, the reads and the writes), and every request in the batch adds to it. So
 * the cost per request falls as the server gets busier, and measurements of an idle Redis overestimate what a busy
 * one needs.
 */

export interface BatchCost {
  /** CPU µs of one wake-up. */
  readonly wakeUs: number;
  /** CPU µs of each request in it. */
  readonly requestUs: number;
}

export interface CostSample {
  /** CPU time used, as a share of what the server may use, 0 to 1. */
  readonly utilisation: number;
  readonly cpuUsPerRequest: number;
}

/**
 * The mean of 1/n over requests served in batches of n, if n is geometric as at M/M/1: (1 − ρ)/ρ · −ln(1 − ρ). It is
 * 1 for an idle server and 0 for a saturated one. It is the share of a wake-up that one request pays for.
 */
export function wakeUpsPerRequest(utilisation: number): number {
  if (utilisation < 1e-6) return 1;
  if (utilisation >= 1) return 0;
  return ((1 - utilisation) / utilisation) * -Math.log1p(-utilisation);
}

export function costAt({ wakeUs, requestUs }: BatchCost, utilisation: number): number {
  return requestUs + wakeUs * wakeUpsPerRequest(utilisation);
}

/** Completions per second with n requests present, for a server with `cores` of CPU time. */
export function batchRate({ wakeUs, requestUs }: BatchCost, cores: number): (present: number) => number {
  return (present) => (cores * 1e6 * present) / (wakeUs + requestUs * present);
}

/** The highest throughput: infinitely large batches. */
export function fullRate({ requestUs }: BatchCost, cores: number): number {
  return (cores * 1e6) / requestUs;
}

/** Only a server that was at least this busy shows what batches save; otherwise the cost is assumed to be constant. */
const BUSY_ENOUGH = 0.5;

/** Both parts by linear least squares, neither below 0; null without samples. */
export function fitBatchCost(samples: readonly CostSample[]): BatchCost | null {
  const usable = samples.filter((sample) => sample.cpuUsPerRequest > 0 && sample.utilisation >= 0);
  if (usable.length === 0) return null;
  const mean = usable.reduce((sum, sample) => sum + sample.cpuUsPerRequest, 0) / usable.length;
  const constant = { wakeUs: 0, requestUs: mean };
  const xs = usable.map(({ utilisation }) => wakeUpsPerRequest(Math.min(1, utilisation)));
  if (usable.length < 2 || !usable.some(({ utilisation }) => utilisation >= BUSY_ENOUGH)) return constant;
  const meanX = xs.reduce((sum, x) => sum + x, 0) / xs.length;
  const spread = xs.reduce((sum, x) => sum + (x - meanX) ** 2, 0);
  if (!(spread > 0)) return constant;
  const slope =
    usable.reduce((sum, { cpuUsPerRequest }, i) => sum + ((xs[i] ?? 0) - meanX) * cpuUsPerRequest, 0) / spread;
  if (slope <= 0) return constant;
  const atFull = mean - slope * meanX;
  // A fit in which requests cost nothing means that only wake-ups were seen. The lowest cost seen is then the best bound of
  // what a request costs, and wake-ups are left out.
  if (atFull <= 0) return { wakeUs: 0, requestUs: Math.min(...usable.map(({ cpuUsPerRequest }) => cpuUsPerRequest)) };
  return { wakeUs: slope, requestUs: atFull };
}
