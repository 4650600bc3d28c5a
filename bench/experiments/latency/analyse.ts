/** From latency's slices to its figures. Pure. */

import type { Metric } from '../../../core/results/metrics.ts';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { Cell } from '../../analysis/cell.ts';
import { QUANTILE_RULES, type QuantileRule } from '../../analysis/quantiles.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { measure } from '../../measuring/slices.ts';
import { undisturbed } from '../../measuring/undisturbed.ts';

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
  { histogram: 'machine', metric: 'machine_lateness_us', factors: {}, rule: { ...openLoad, onSchedule: false } },
];

function openFigures(slices: readonly Slice[], context: AnalysisContext): Figure[] {
  const [first] = slices;
  if (first === undefined) return [];
  const { arm, factors } = first;
  const calibration = context.environment.calibration?.flag ?? null;
  const cell = new Cell({
    subject: { experiment: EXPERIMENT, arm, factors },
    slices,
    seeds: seedsOf(context, `latency ${arm} ${factors.load_pct}`),
    // Latency is only as true as the generator that took it.
    flags: calibration === null ? [] : [calibration],
  });
  return [
    ...SERIES.flatMap(({ histogram, metric, factors: timing, rule }) =>
      cell.quantiles(metric, histogram, rule, { factors: timing }, (level) => `${histogram} ${level}`),
    ),
    ...cell.mean('asked_rate_rps', 'asked_rate_rps', { label: 'rate' }),
    ...cell.quotient('rate_in_time_pct'),
    ...cell.quotient('unanswered_pct'),
  ];
}

/** Of each arm at each load, the slices that its figures are made of. */
export function latencyCells(slices: readonly Slice[]): Slice[][] {
  const open = slices.filter((slice) => slice.mode === 'open' && measure(slice, 'scheduled') > 0);
  return [...Map.groupBy(open, ({ arm, factors }) => JSON.stringify([arm, factors])).values()].map(undisturbed);
}

export function analyseLatency(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const closed = slices.filter(({ mode }) => mode === 'closed');
  const capacities = [...Map.groupBy(closed, ({ arm }) => arm)].flatMap(([arm, own]) =>
    new Cell({
      subject: { experiment: EXPERIMENT, arm, factors: {} },
      slices: own.filter(({ durationMs }) => durationMs > 0),
      seeds: seedsOf(context, `latency ${arm}`),
    }).quotient('throughput_rps', { label: 'capacity' }),
  );
  return [...capacities, ...latencyCells(slices).flatMap((own) => openFigures(own, context))];
}
