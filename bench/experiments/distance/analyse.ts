/** From distance's slices to its figures. Pure. */

import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Metric } from '../../../core/results/metrics.ts';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { type Estimate, estimate, estimateRatioOfSums } from '../../../core/stats/estimate.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { type FigureOptions, figure } from '../../analysis/figure.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { byFork, flagsOf, measure } from '../../measuring/slices.ts';
import { type Demands, type DistanceInputs, predictThroughput } from './model.ts';

const QUANTILES = [50, 90, 99] as const;
const RECORDS_BEYOND = 2;
const WIDE = 0.1;
/** What stands for the model in the figures. */
const MODEL = 'mva';

const seconds = (slice: Slice) => slice.durationMs / 1000;
const answered = (slice: Slice) => slice.requests - slice.unexpected;

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
    return [
      ...cellsOf(closed).flatMap((cell) => this.#closedFigures(cell)),
      ...cellsOf(closed).flatMap((cell) => this.#quantiles(cell)),
      ...this.#roundTrips(closed),
      ...this.#predictions(closed),
      ...this.#proxy(),
    ];
  }

  #closedFigures(cell: readonly Slice[]): Figure[] {
    const flags = flagsOf(cell);
    const quotient = (metric: Metric, over: (slice: Slice) => number, under: (slice: Slice) => number) =>
      this.#quotient(metric, cell, over, under, { flags });
    return [
      ...this.#quotient('throughput_rps', cell, answered, seconds, { flags, targetHalfWidth: WIDE }),
      // Little's law: those in flight over the rate at which they are answered.
      ...quotientFactors(
        this.#quotient('latency_us', cell, (slice) => inFlight(slice) * seconds(slice) * 1e6, answered, { flags }),
        { quantile: 'mean' },
      ),
      ...quotient(
        'cpu_us_per_request',
        (slice) => measure(slice, 'replica_cpu_ns') / 1000,
        (slice) => slice.requests,
      ),
      ...quotient(
        'redis_cpu_us_per_request',
        (slice) => measure(slice, 'redis_cpu_ns') / 1000,
        (slice) => slice.requests,
      ),
    ];
  }

  #quantiles(cell: readonly Slice[]): Figure[] {
    const forks = byFork(cell).map((fork) =>
      fork.flatMap(({ histograms }) => (histograms?.service ? [LatencyHistogram.decode(histograms.service)] : [])),
    );
    const all = forks.flat().filter(({ count }) => count > 0);
    if (all.length === 0) return [];
    const meanCount = all.reduce((sum, { count }) => sum + count, 0) / all.length;
    return QUANTILES.filter((quantile) => meanCount * (1 - quantile / 100) >= RECORDS_BEYOND).map((quantile) => {
      const values = forks.map((fork) => fork.map((one) => Math.max(1, one.percentile(quantile))));
      const factors = { ...cell[0]?.factors, timing: 'service', quantile: `p${quantile}` };
      const value = estimate(values, { statistic: 'geomean', seed: this.#seed(`${JSON.stringify(factors)}`) });
      return this.#figure('latency_us', factors, value, { flags: flagsOf(cell) });
    });
  }

  /** How much longer one request alone takes, over how much further away Redis is: by least squares within each block. */
  #roundTrips(closed: readonly Slice[]): Figure[] {
    const alone = closed.filter((slice) => inFlight(slice) === 1 && Number.isFinite(measure(slice, 'rtt_us')));
    const slopes = byFork(alone).map((fork) =>
      [...Map.groupBy(fork, ({ block }) => block).values()].flatMap((block) => {
        const points = block.map((slice) => ({ x: measure(slice, 'rtt_us'), y: typicalMicros(slice) }));
        const slope = slopeOf(points);
        return slope === null ? [] : [slope];
      }),
    );
    const used = slopes.filter((fork) => fork.length > 0);
    if (used.length === 0) return [];
    const value = estimate(used, { statistic: 'mean', seed: this.#seed('round trips') });
    return [this.#figure('round_trips_per_request', {}, value, { flags: flagsOf(alone) })];
  }

  /** Fitted on one throughput, that of one request in flight and Redis at hand; judged on all others, fork by fork. */
  #predictions(closed: readonly Slice[]): Figure[] {
    const forks = byFork(closed).flatMap((fork) => {
      const inputs = inputsOf(fork);
      return inputs === null ? [] : [{ fork, inputs }];
    });
    return cellsOf(closed).flatMap((cell) => {
      const [first] = cell;
      if (first === undefined || (first.factors.rtt_ms === 0 && inFlight(first) === 1)) return [];
      const judged = forks.flatMap(({ fork, inputs }) => {
        const own = fork.filter((slice) => sameCell(slice, first) && answered(slice) > 0);
        if (own.length === 0) return [];
        return [
          own.flatMap((slice) => {
            const predicted = predictThroughput(inputs, rttSeconds(slice), inFlight(slice));
            return predicted === null ? [] : [{ predicted, measured: answered(slice) / seconds(slice) }];
          }),
        ];
      });
      if (judged.every((fork) => fork.length === 0)) return [];
      const factors = { ...first.factors, model: MODEL };
      const of = (metric: Metric, values: readonly (readonly number[])[]) =>
        this.#figure(
          metric,
          factors,
          estimate(values, { statistic: 'mean', seed: this.#seed(`${metric} ${JSON.stringify(factors)}`) }),
          { flags: flagsOf(cell), source: 'model' },
        );
      return [
        of(
          'model_throughput_rps',
          judged.map((fork) => fork.map(({ predicted }) => predicted)),
        ),
        of(
          'prediction_error_pct',
          judged.map((fork) => fork.map(({ predicted, measured }) => 100 * (predicted / measured - 1))),
        ),
      ];
    });
  }

  /** The round trip that was really there, and what the proxy itself used, per asked round trip. */
  #proxy(): Figure[] {
    const through = this.#slices.filter((slice) => Number.isFinite(measure(slice, 'rtt_us')));
    return [...Map.groupBy(through, ({ factors }) => Number(factors.rtt_ms))]
      .sort(([a], [b]) => a - b)
      .flatMap(([rtt_ms, slices]) => {
        // It was measured once in each fork; further slices of the fork repeat it.
        const perFork = byFork(slices).map((fork) => [measure(fork[0] as Slice, 'rtt_us')]);
        const value = estimate(perFork, { statistic: 'mean', seed: this.#seed(`rtt ${rtt_ms}`) });
        const busy = slices.filter((slice) => measure(slice, 'proxy_wall_ns') > 0);
        return [
          this.#figure('rtt_us', { rtt_ms }, value, {}),
          ...quotientFactors(
            this.#quotient(
              'proxy_utilisation',
              busy,
              (slice) => 100 * measure(slice, 'proxy_cpu_ns'),
              (slice) => measure(slice, 'proxy_wall_ns'),
              {},
            ),
            {},
            { rtt_ms },
          ),
        ];
      });
  }

  #quotient(
    metric: Metric,
    cell: readonly Slice[],
    over: (slice: Slice) => number,
    under: (slice: Slice) => number,
    options: FigureOptions,
  ): Figure[] {
    const forks = byFork(cell).map((fork) =>
      fork.map((slice) => ({ numerator: over(slice), denominator: under(slice) })),
    );
    const parts = forks.flat();
    if (parts.length === 0) return [];
    if (!parts.every(({ numerator, denominator }) => Number.isFinite(numerator) && denominator > 0)) return [];
    const factors = cell[0]?.factors ?? {};
    const value = estimateRatioOfSums(forks, { seed: this.#seed(`${metric} ${JSON.stringify(factors)}`) });
    return [this.#figure(metric, factors, value, options)];
  }

  #figure(metric: Metric, factors: Slice['factors'], value: Estimate, options: FigureOptions): Figure {
    return figure({ experiment: 'distance', arm: this.#arm, factors }, metric, value, options);
  }

  #seed(label: string): number {
    return createRandom(this.#context.config.seed)
      .derive(`distance ${this.#arm} ${label}`)
      .integer(2 ** 31);
  }
}

const inFlight = (slice: Slice) => Number(slice.factors.in_flight);
/** The median, since a stall of the machine is no part of a way; the mean where there is no histogram. */
function typicalMicros(slice: Slice): number {
  const encoded = slice.histograms?.service;
  if (encoded === undefined) return (seconds(slice) * 1e6) / answered(slice);
  return LatencyHistogram.decode(encoded).percentile(50);
}

/** 0 for an arm that has no way to Redis. */
const rttSeconds = (slice: Slice) => (slice.measures.rtt_us ?? 0) / 1e6;

function cellsOf(slices: readonly Slice[]): (readonly Slice[])[] {
  return [...Map.groupBy(slices, ({ factors }) => JSON.stringify(Object.entries(factors).sort())).values()];
}

function sameCell(a: Slice, b: Slice): boolean {
  return a.factors.rtt_ms === b.factors.rtt_ms && a.factors.in_flight === b.factors.in_flight;
}

function quotientFactors(figures: readonly Figure[], more: Figure['factors'], only?: Figure['factors']): Figure[] {
  return figures.map((each) => ({ ...each, factors: { ...(only ?? each.factors), ...more } }));
}

/** Least squares; null where all points have one x. */
export function slopeOf(points: readonly { readonly x: number; readonly y: number }[]): number | null {
  if (points.length < 2) return null;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  if (spread === 0) return null;
  return points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
}

/** Of one fork: CPU times where Redis is at hand, and how fast one request alone is there. */
function inputsOf(fork: readonly Slice[]): DistanceInputs | null {
  const near = fork.filter((slice) => slice.factors.rtt_ms === 0 && answered(slice) > 0);
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

/** Null where an account was not read. */
function demandsOf(slices: readonly Slice[]): Demands | null {
  const requests = slices.reduce((sum, slice) => sum + slice.requests, 0);
  const each = (name: string) => slices.reduce((sum, slice) => sum + measure(slice, name), 0) / 1e9 / requests;
  const demands = {
    generator: each('generator_cpu_ns'),
    replica: each('replica_cpu_ns'),
    redis: each('redis_cpu_ns'),
  };
  return Object.values(demands).every(Number.isFinite) ? demands : null;
}

/** A count that is off by the load's ramp, which is known only roughly, is taken for the whole number beside it. */
const NEAR_WHOLE = 0.15;

/** Commands of Redis per request: each is waited for. */
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
