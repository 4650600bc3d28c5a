/** Turns distance's slices into figures. Pure. */

import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { NumberMeasure } from '../../../core/results/measures.ts';
import type { Metric } from '../../../core/results/metrics.ts';
import type { Factors, Figure, Slice } from '../../../core/results/schema.ts';
import { fitLine } from '../../../core/stats/fitting/line.ts';
import { Cell } from '../../analysis/cell.ts';
import { WIDE } from '../../analysis/figure.ts';
import { QUANTILE_RULES } from '../../analysis/quantiles.ts';
import { answered, throughput } from '../../analysis/quotients.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { byFork, measure } from '../../measuring/slices.ts';
import { type Demands, type DistanceInputs, predictThroughput } from './model.ts';

/** The name of the model in figures. */
const MODEL = 'mva';

const seconds = (slice: Slice) => slice.durationMs / 1000;

class ArmAnalysis {
  readonly #context: AnalysisContext;
  readonly #arm: string;
  readonly #slices: readonly Slice[];

  constructor(context: AnalysisContext, arm: string, slices: readonly Slice[]) {
    this.#context = context;
    this.#arm = arm;
    this.#slices = slices;
  }

  figures(): Figure[] {
    const closed = this.#slices.filter(({ mode, requests }) => mode === 'closed' && requests > 0);
    const cells = cellsOf(closed).map((own) => this.#cell(own, own[0]?.factors ?? {}));
    return [
      ...cells.flatMap((cell) => this.#closedFigures(cell)),
      ...cells.flatMap((cell) => this.#quantiles(cell)),
      ...this.#roundTrips(closed),
      ...this.#predictions(closed),
      ...this.#proxy(),
    ];
  }

  #closedFigures(cell: Cell): Figure[] {
    const label = (metric: Metric) => `${metric} ${JSON.stringify(cell.subject.factors)}`;
    const labelled = (metric: Metric) => ({ label: label(metric) });
    return [
      ...cell.quotient('throughput_rps', { ...labelled('throughput_rps'), targetHalfWidth: WIDE.throughput }),
      ...cell.variant('latency_us', 'mean', { ...labelled('latency_us'), factors: { quantile: 'mean' } }),
      ...cell.quotient('cpu_us_per_request', labelled('cpu_us_per_request')),
      ...cell.quotient('redis_cpu_us_per_request', labelled('redis_cpu_us_per_request')),
    ];
  }

  #quantiles(cell: Cell): Figure[] {
    const timing = { timing: 'service' };
    const label = (level: number) =>
      JSON.stringify({ ...cell.subject.factors, ...timing, quantile: `p${level}` } satisfies Factors);
    return cell.quantiles('latency_us', 'service', QUANTILE_RULES.closedLoad, { factors: timing }, label);
  }

  /** The latency of a single request against the distance of Redis: the slope by least squares within each block. */
  #roundTrips(closed: readonly Slice[]): Figure[] {
    const alone = closed.filter((slice) => inFlight(slice) === 1 && Number.isFinite(measure(slice, 'rtt_us')));
    const slopes = byFork(alone).map((fork) =>
      [...Map.groupBy(fork, ({ block }) => block).values()].flatMap((block) => {
        const points = block.map((slice) => ({ x: measure(slice, 'rtt_us'), y: typicalMicros(slice) }));
        const slope = slopeOf(points);
        return slope === null ? [] : [slope];
      }),
    );
    return this.#cell(alone, {}).meanOf('round_trips_per_request', slopes, { label: 'round trips' });
  }

  /** Fitted on one throughput, that of one request in flight and a local Redis; judged on all others, fork by fork. */
  #predictions(closed: readonly Slice[]): Figure[] {
    const forks = byFork(closed).flatMap((fork) => {
      const inputs = inputsOf(fork);
      return inputs === null ? [] : [{ fork, inputs }];
    });
    return cellsOf(closed).flatMap((own) => {
      const [first] = own;
      if (first === undefined || (first.factors.rtt_ms === 0 && inFlight(first) === 1)) return [];
      const judged = forks.map(({ fork, inputs }) =>
        fork
          .filter((slice) => sameCell(slice, first) && answered(slice) > 0)
          .flatMap((slice) => {
            const predicted = predictThroughput(inputs, rttSeconds(slice), inFlight(slice));
            return predicted === null ? [] : [{ predicted, measured: throughput(slice) }];
          }),
      );
      const factors = { ...first.factors, model: MODEL };
      // Each prediction also rests on the measurements with a local Redis.
      const near = forks.flatMap(({ fork }) => fork.filter(isNear));
      const cell = this.#cell([...new Set([...own, ...near])], factors);
      const of = (metric: Metric, value: (one: { predicted: number; measured: number }) => number) =>
        cell.meanOf(
          metric,
          judged.map((fork) => fork.map(value)),
          { label: `${metric} ${JSON.stringify(factors)}`, source: 'model' },
        );
      return [
        ...of('model_throughput_rps', ({ predicted }) => predicted),
        ...of('prediction_error_pct', ({ predicted, measured }) => 100 * (predicted / measured - 1)),
      ];
    });
  }

  /** The measured round trip, and the CPU time of the proxy, by the requested round trip. */
  #proxy(): Figure[] {
    const through = this.#slices.filter((slice) => Number.isFinite(measure(slice, 'rtt_us')));
    return [...Map.groupBy(through, ({ factors }) => Number(factors.rtt_ms))]
      .sort(([a], [b]) => a - b)
      .flatMap(([rtt_ms, slices]) => {
        const cell = this.#cell(slices, { rtt_ms });
        // It was measured once in each fork; further slices of the fork repeat it.
        const once = byFork(slices).flatMap((fork) => fork.slice(0, 1));
        const busy = slices.filter((slice) => measure(slice, 'proxy_wall_ns') > 0);
        return [
          ...cell.of(once).mean('rtt_us', 'rtt_us', { label: `rtt ${rtt_ms}`, flags: [] }),
          ...cell.of(busy).quotient('proxy_utilisation', {
            label: `proxy_utilisation ${JSON.stringify(busy[0]?.factors ?? {})}`,
            flags: [],
          }),
        ];
      });
  }

  #cell(slices: readonly Slice[], factors: Factors): Cell {
    return new Cell({
      subject: { experiment: 'distance', arm: this.#arm, factors },
      slices,
      seeds: seedsOf(this.#context, `distance ${this.#arm}`),
      // A slice without a CPU account was measured differently from the rest.
      incomplete: 'no-figure',
    });
  }
}

const inFlight = (slice: Slice) => Number(slice.factors.in_flight);
/** The median, to exclude stalls of the machine; the mean if there is no histogram. */
function typicalMicros(slice: Slice): number {
  const encoded = slice.histograms?.service;
  if (encoded === undefined) return (seconds(slice) * 1e6) / answered(slice);
  return LatencyHistogram.decode(encoded).percentile(50);
}

/** 0 for an arm that does not use Redis. */
const rttSeconds = (slice: Slice) => (slice.measures.rtt_us ?? 0) / 1e6;

function cellsOf(slices: readonly Slice[]): (readonly Slice[])[] {
  return [...Map.groupBy(slices, ({ factors }) => JSON.stringify(Object.entries(factors).sort())).values()];
}

function sameCell(a: Slice, b: Slice): boolean {
  return a.factors.rtt_ms === b.factors.rtt_ms && a.factors.in_flight === b.factors.in_flight;
}

/** The slope by least squares; null if all points have the same x. */
export function slopeOf(points: readonly { readonly x: number; readonly y: number }[]): number | null {
  const { slope } = fitLine(
    points.map(({ x }) => x),
    points.map(({ y }) => y),
  );
  return Number.isFinite(slope) ? slope : null;
}

/** With Redis on loopback: the input of predictions. */
const isNear = (slice: Slice) => slice.factors.rtt_ms === 0 && answered(slice) > 0;

/** Inputs from one fork: CPU times with Redis on loopback, and the speed of a single request there. */
function inputsOf(fork: readonly Slice[]): DistanceInputs | null {
  const near = fork.filter(isNear);
  const alone = near.filter((slice) => inFlight(slice) === 1);
  const [first] = alone;
  if (first === undefined) return null;
  const demands = new Map(
    [...Map.groupBy(near, inFlight)].flatMap(([many, slices]) => {
      const own = demandsOf(slices);
      return own === null ? [] : [[many, own] as const];
    }),
  );
  const time = alone.reduce((sum, slice) => sum + seconds(slice), 0);
  return {
    demands,
    share: first.measures.replica_share_cores ?? null,
    fitted: { throughput: alone.reduce((sum, slice) => sum + answered(slice), 0) / time, rtt: rttSeconds(first) },
    roundTrips: roundTripsOf(alone),
  };
}

/** Null if an account was not read. */
function demandsOf(slices: readonly Slice[]): Demands | null {
  const requests = slices.reduce((sum, slice) => sum + slice.requests, 0);
  const each = (name: NumberMeasure) => slices.reduce((sum, slice) => sum + measure(slice, name), 0) / 1e9 / requests;
  const demands = {
    generator: each('generator_cpu_ns'),
    replica: each('replica_cpu_ns'),
    redis: each('redis_cpu_ns'),
  };
  return Object.values(demands).every(Number.isFinite) ? demands : null;
}

/** A count this close to an integer is rounded to it: the load's ramp is known only roughly. */
const NEAR_WHOLE = 0.15;

/** Sequential Redis commands per request. */
function roundTripsOf(slices: readonly Slice[]): number {
  const sum = (of: (slice: Slice) => number) => slices.reduce((total, slice) => total + of(slice), 0);
  const commands = sum((slice) => slice.measures.redis_commands_with_ramp ?? 0);
  const requests = sum((slice) => (slice.requests * (slice.measures.loaded_ms ?? slice.durationMs)) / slice.durationMs);
  const each = commands / requests;
  return Math.abs(each - Math.round(each)) < NEAR_WHOLE ? Math.round(each) : each;
}

export function analyseDistance(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const usable = slices.filter(({ durationMs }) => durationMs > 0);
  return [...Map.groupBy(usable, ({ arm }) => arm ?? '')].flatMap(([arm, own]) =>
    new ArmAnalysis(context, arm, own).figures(),
  );
}
