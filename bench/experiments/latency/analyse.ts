/** Turns latency's slices into figures. Pure. */

import type { Flag } from '../../../core/results/flags.ts';
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Metric } from '../../../core/results/metrics.ts';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import type { Estimate } from '../../../core/stats/interval.ts';
import { Cell } from '../../analysis/cell.ts';
import {
  histogramsOf,
  levelsOfSlices,
  QUANTILE_RULES,
  type QuantileRule,
  quantileEstimates,
} from '../../analysis/quantiles.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { flagsOf, measure } from '../../measuring/slices.ts';
import { undisturbed } from '../../measuring/undisturbed.ts';
import { BEYOND_CAPACITY, latencyAt, loadedLatencies, saturatedCores, utilisationOf } from './at-load.ts';

const EXPERIMENT = 'latency';

interface Series {
  readonly histogram: string;
  readonly metric: Metric;
  readonly factors: Slice['factors'];
  readonly rule: QuantileRule;
}

const { openLoad } = QUANTILE_RULES;

const SERIES: readonly Series[] = [
  { histogram: 'corrected', metric: 'latency_us', factors: { timing: 'corrected' }, rule: openLoad },
  { histogram: 'service', metric: 'latency_us', factors: { timing: 'service' }, rule: openLoad },
];
const MACHINE: Series = {
  histogram: 'machine',
  metric: 'machine_lateness_us',
  factors: {},
  rule: { ...openLoad, onSchedule: false },
};

/** Data about an arm in addition to the slices of one load. */
interface ArmLoads {
  /** Slices of all loads. */
  readonly open: readonly Slice[];
  /** The number of cores that a saturated replica keeps busy; null if no CPU time was read. */
  readonly cores: number | null;
}

function openFigures(slices: readonly Slice[], loads: ArmLoads, context: AnalysisContext): Figure[] {
  const [first] = slices;
  if (first === undefined) return [];
  const { arm, factors } = first;
  const calibration = context.environment.calibration?.flag ?? null;
  const cell = new Cell({
    subject: { experiment: EXPERIMENT, arm, factors },
    slices,
    seeds: seedsOf(context, `latency ${arm} ${factors.load_pct}`),
    // Latency is only as accurate as the generator.
    flags: calibration === null ? [] : [calibration],
  });
  const { cores } = loads;
  const isKnown = cores !== null && slices.every((slice) => Number.isFinite(utilisationOf(slice, cores)));
  return [
    ...SERIES.flatMap((series) => (isKnown ? atLoad(cell, series, loads, cores) : ofSlices(cell, series))),
    ...ofSlices(cell, MACHINE),
    ...cell.mean('asked_rate_rps', 'asked_rate_rps', { label: 'rate' }),
    ...(isKnown ? cell.mean('replica_utilisation', (slice) => 100 * utilisationOf(slice, cores)) : []),
    ...cell.quotient('rate_in_time_pct'),
    ...cell.quotient('unanswered_pct'),
    ...balancerFigures(cell),
  ];
}

/** CPU time of the balancer for these requests; empty without one. */
function balancerFigures(cell: Cell): Figure[] {
  return [...cell.quotient('balancer_cpu_us_per_request'), ...cell.quotient('balancer_utilisation')];
}

/** Averages over slices, whatever their utilisation. */
function ofSlices(cell: Cell, { histogram, metric, factors, rule }: Series): Figure[] {
  return cell.quantiles(metric, histogram, rule, { factors }, (level) => `${histogram} ${level}`);
}

/**
 * Latency at the load; quantiles that single slices cannot give come from the records of all slices within capacity.
 */
function atLoad(cell: Cell, series: Series, { open }: ArmLoads, cores: number): Figure[] {
  const { histogram, metric, factors, rule } = series;
  const within = cell.slices.filter((slice) => utilisationOf(slice, cores) < BEYOND_CAPACITY);
  const beyond: Flag[] = within.length < cell.slices.length ? ['beyond-capacity'] : [];
  const flags = [...cell.flags, ...beyond];
  const seed = (level: number) => cell.seed(`${histogram} ${level}`);
  const load = Number(cell.subject.factors.load_pct) / 100;
  const forks = histogramsOf(within.length > 0 ? within : cell.slices, histogram);
  const own = within.length > 0 ? levelsOfSlices(forks, rule) : [];
  const moved = new Map<number, Estimate>();
  for (const level of own) {
    const points = (slices: readonly Slice[]) => pointsOf(slices, histogram, level, cores);
    moved.set(level, latencyAt(points(within), points(open).flat(), load, { seed: seed(level) }));
  }
  const others = { ...rule, levels: rule.levels.filter((level) => !moved.has(level)) };
  // The slope along which slices are moved to the load comes from slices at all loads, and so do its flags.
  const ofSlope = flagsOf(open.filter((slice) => utilisationOf(slice, cores) < BEYOND_CAPACITY));
  return [
    ...cell.quantileFigures(metric, moved, rule, { factors, flags: [...new Set([...flags, ...ofSlope])] }),
    ...cell.quantileFigures(metric, quantileEstimates(forks, others, seed), rule, { factors, flags }),
  ];
}

function pointsOf(open: readonly Slice[], histogram: string, level: number, cores: number) {
  return loadedLatencies(open, cores, ({ histograms }) => {
    const encoded = histograms?.[histogram];
    const records = encoded === undefined ? null : LatencyHistogram.decode(encoded);
    return records === null || records.count === 0 ? Number.NaN : records.percentile(level);
  });
}

/** The slices behind the figures of each arm at each load. */
export function latencyCells(slices: readonly Slice[]): Slice[][] {
  const open = slices.filter((slice) => slice.mode === 'open' && measure(slice, 'scheduled') > 0);
  return [...Map.groupBy(open, ({ arm, factors }) => JSON.stringify([arm, factors])).values()].map(undisturbed);
}

export function analyseLatency(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const closed = slices.filter(({ mode, durationMs }) => mode === 'closed' && durationMs > 0);
  const closedByArm = Map.groupBy(closed, ({ arm }) => arm);
  const capacities = [...closedByArm].flatMap(([arm, own]) => {
    const cell = new Cell({
      subject: { experiment: EXPERIMENT, arm, factors: {} },
      slices: own,
      seeds: seedsOf(context, `latency ${arm}`),
    });
    return [...cell.quotient('throughput_rps', { label: 'capacity' }), ...balancerFigures(cell)];
  });
  const cells = latencyCells(slices);
  const openByArm = Map.groupBy(cells.flat(), ({ arm }) => arm);
  const loadsOf = new Map(
    [...openByArm].map(([arm, open]) => [arm, { open, cores: saturatedCores(closedByArm.get(arm) ?? []) }]),
  );
  return [
    ...capacities,
    ...cells.flatMap((own) => {
      const loads = loadsOf.get(own[0]?.arm ?? null);
      return loads === undefined ? [] : openFigures(own, loads, context);
    }),
  ];
}
