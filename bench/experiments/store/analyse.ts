/** Turns store's slices into figures. Pure. */

import type { NumberMeasure } from '../../../core/results/measures.ts';
import type { Factors, Figure, Slice } from '../../../core/results/schema.ts';
import { Cell } from '../../analysis/cell.ts';
import { QUANTILE_RULES } from '../../analysis/quantiles.ts';
import { hasQuotient, quotientOf, variantOf } from '../../analysis/quotients.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { measure } from '../../measuring/slices.ts';

/** Memory is allocated in chunks: below this, resident memory says nothing about single sessions. */
const LEAST_RESIDENT_BYTES = 8e6;

type Metric = 'bytes_per_session' | 'redis_cpu_us_per_command' | 'redis_utilisation';

const labelOf = (metric: string, more: Factors = {}) => `${metric} ${JSON.stringify(more)}`;

/** Over the slices with the required measures, with their flags. */
function quotient(cell: Cell, metric: Metric): Figure[] {
  const taken = cell.slices.filter((slice) => hasQuotient(slice, quotientOf(metric)));
  return cell.of(taken).quotient(metric, { label: labelOf(metric) });
}

/** Bytes by a method other than the growth of used memory. */
function bytesBy(cell: Cell, method: 'rss' | 'memory-usage'): Figure[] {
  const metric = 'bytes_per_session';
  const factors = { method };
  const taken = cell.slices.filter((slice) => hasQuotient(slice, variantOf(metric, method)));
  return cell.of(taken).variant(metric, method, { label: labelOf(metric, factors), factors });
}

function cellFigures(cell: Cell): Figure[] {
  const large = cell.slices.filter((slice) => measure(slice, 'used_memory_bytes') >= LEAST_RESIDENT_BYTES);
  return [
    // The plain figure is what a machine needs; the others explain it, and show the system's view.
    ...quotient(cell, 'bytes_per_session'),
    ...bytesBy(cell.of(large), 'rss'),
    ...bytesBy(cell, 'memory-usage'),
    ...cell.quantiles('lookup_us', 'lookup', QUANTILE_RULES.lookups),
    ...quotient(cell, 'redis_cpu_us_per_command'),
    ...expiryFigures(cell),
    ...besideFigures(cell),
    ...evictionFigures(cell),
  ];
}

const sumOf = ({ slices }: Cell, name: NumberMeasure) =>
  slices.reduce((total, slice) => total + measure(slice, name), 0);

/** The share of live keys among those evicted by a full Redis. */
function evictionFigures(cell: Cell): Figure[] {
  const full = cell.of(cell.slices.filter(({ factors }) => factors.eviction_samples !== undefined));
  return full.share('evicted_live_pct', sumOf(full, 'evicted_live_keys'), sumOf(full, 'evicted_keys'));
}

/** The share of expired keys among live ones that were removed, and how fast. */
function besideFigures(cell: Cell): Figure[] {
  const beside = cell.of(cell.slices.filter(({ factors }) => factors.expire_effort !== undefined));
  const sum = (name: 'gone_keys' | 'ended_keys') => sumOf(beside, name);
  return [
    ...beside.share('expired_gone_pct', sum('gone_keys'), sum('ended_keys')),
    ...beside.mean('expiry_watched_ms', 'expiry_watched_ms', { label: 'watched' }),
  ];
}

/** Many sessions that expire together: how busy Redis is in each phase, and how long until all are removed. */
function expiryFigures(cell: Cell): Figure[] {
  const phased = cell.of(cell.slices.filter(({ factors }) => factors.phase !== undefined));
  const { phase: _, ...factors } = cell.subject.factors;
  const whole = phased.with({ subject: { ...cell.subject, factors } });
  return [...quotient(phased, 'redis_utilisation'), ...whole.mean('expiry_ms', 'expiry_ms', { label: 'expiry' })];
}

export function analyseStore(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const cells = Map.groupBy(slices, ({ arm, factors }) => JSON.stringify([arm, Object.entries(factors).sort()]));
  return [...cells.values()].flatMap((own) => {
    const { arm = null, factors = {} } = own[0] ?? {};
    const seeds = seedsOf(context, `store ${arm} ${JSON.stringify(factors)}`);
    return cellFigures(new Cell({ subject: { experiment: 'store', arm, factors }, slices: own, seeds }));
  });
}
