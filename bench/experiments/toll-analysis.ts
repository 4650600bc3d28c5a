/** From the toll's slices to its figures. Pure. */
import type { Flag } from '../results/flags.ts';
import type { Metric } from '../results/metrics.ts';
import type { Factors, Figure, Slice } from '../results/schema.ts';
import { type Estimate, estimate, estimateRatioOfSums } from '../stats/estimate.ts';
import { createRandom } from '../stats/random.ts';
import { geometricMean, pairedDifference, pairedRatio } from '../stats/ratio.ts';
import type { AnalysisContext } from './experiment.ts';
import { type FigureOptions, figure } from './figure.ts';
import { byFork, flagsOf, measure, paired } from './slices.ts';

/** Interval half-widths beyond this are flagged on ratios and CPU times. */
const WIDE = 0.05;
/** The baseline may move this much between blocks before absolute values are flagged. */
const DRIFT = 1.25;

const cpuUs = (slice: Slice) => measure(slice, 'replica_cpu_ns') / 1000 / slice.requests;

/** Slices that can be used: something was answered, and CPU time could be read. */
function usable(slices: readonly Slice[]): readonly Slice[] {
  return slices.filter((slice) => slice.requests > 0 && Number.isFinite(measure(slice, 'replica_cpu_ns')));
}

function ratioPairs(slices: readonly Slice[], baselines: readonly Slice[]) {
  return paired(slices, baselines).map((fork) =>
    fork.map(({ slice, baseline }) => ({ value: cpuUs(slice), baseline: cpuUs(baseline) })),
  );
}

/** Whether the absolute values of these blocks belong to one machine state. */
export function drifted(baselines: readonly Slice[]): boolean {
  const values = usable(baselines).map(cpuUs);
  return values.length > 1 && Math.max(...values) > DRIFT * Math.min(...values);
}

class ArmAnalysis {
  readonly #context: AnalysisContext;
  readonly #arm: string;
  readonly #factors: Factors;
  readonly #slices: readonly Slice[];
  readonly #baselines: readonly Slice[];
  readonly #flags: readonly Flag[];

  constructor(
    context: AnalysisContext,
    arm: string,
    factors: Factors,
    slices: readonly Slice[],
    baselines: readonly Slice[],
  ) {
    this.#context = context;
    this.#arm = arm;
    this.#factors = factors;
    this.#slices = slices;
    this.#baselines = baselines;
    this.#flags = flagsOf(slices);
  }

  figures(): Figure[] {
    const absolute: Flag[] = [...this.#flags];
    if (this.#baselines.length === 0) absolute.push('unpaired');
    if (drifted(this.#baselines)) absolute.push('machine-drift');
    return [
      ...this.#perRequest(
        'cpu_us_per_request',
        usable(this.#slices),
        (slice) => measure(slice, 'replica_cpu_ns') / 1000,
        {
          flags: absolute,
          targetHalfWidth: WIDE,
        },
      ),
      ...this.#againstBaseline(),
      ...this.#bytes('request_bytes'),
      ...this.#bytes('response_bytes'),
      ...this.#memory(),
    ];
  }

  /** Redis's own figures may come from slices of another mode, where it is shared. */
  redisFigures(slices: readonly Slice[]): Figure[] {
    const flags = flagsOf(slices);
    const redisNs = (slice: Slice) => measure(slice, 'redis_cpu_ns');
    const totalNs = (slice: Slice) => measure(slice, 'replica_cpu_ns') + redisNs(slice);
    return [
      ...this.#perRequest('redis_cpu_us_per_request', slices, (slice) => redisNs(slice) / 1000, { flags }),
      ...this.#perRequest('redis_commands_per_request', slices, (slice) => measure(slice, 'redis_commands'), { flags }),
      ...this.#perRequest('total_cpu_us_per_request', slices, (slice) => totalNs(slice) / 1000, { flags }),
    ];
  }

  throughput(slices: readonly Slice[]): Figure[] {
    const forks = byFork(slices.filter((slice) => slice.durationMs > 0)).map((fork) =>
      fork.map((slice) => ({ numerator: slice.requests - slice.unexpected, denominator: slice.durationMs / 1000 })),
    );
    if (forks.length === 0) return [];
    const value = estimateRatioOfSums(forks, { seed: this.#seed('throughput_rps') });
    return [this.#figure('throughput_rps', value, { flags: flagsOf(slices) })];
  }

  #againstBaseline(): Figure[] {
    if (this.#arm === this.#context.baseline) return [];
    const pairs = ratioPairs(usable(this.#slices), usable(this.#baselines));
    if (pairs.length === 0) return [];
    const options = { flags: this.#flags, targetHalfWidth: WIDE };
    return [
      this.#figure('cpu_ratio_to_baseline', pairedRatio(pairs, { seed: this.#seed('ratio') }), options),
      this.#figure('cpu_toll_us', pairedDifference(pairs, { seed: this.#seed('toll') }), { flags: this.#flags }),
    ];
  }

  /** A slice that lacks the measure is left out: it was not taken there. */
  #perRequest(
    metric: Metric,
    slices: readonly Slice[],
    sum: (slice: Slice) => number,
    options: FigureOptions,
  ): Figure[] {
    const taken = slices.filter((slice) => slice.requests > 0 && Number.isFinite(sum(slice)));
    if (taken.length === 0) return [];
    const forks = byFork(taken).map((fork) =>
      fork.map((slice) => ({ numerator: sum(slice), denominator: slice.requests })),
    );
    return [this.#figure(metric, estimateRatioOfSums(forks, { seed: this.#seed(metric) }), options)];
  }

  #bytes(metric: 'request_bytes' | 'response_bytes'): Figure[] {
    return this.#perRequest(metric, this.#slices, (slice) => measure(slice, metric), { flags: this.#flags });
  }

  #memory(): Figure[] {
    const last = byFork(this.#slices).flatMap((fork) => {
      const rss = fork.at(-1)?.measures.rss_bytes;
      return rss === undefined ? [] : [[rss]];
    });
    if (last.length === 0) return [];
    return [this.#figure('rss_bytes', estimate(last, { statistic: 'mean', seed: this.#seed('rss') }), {})];
  }

  #figure(metric: Metric, value: Estimate, options: FigureOptions): Figure {
    return figure({ experiment: 'toll', arm: this.#arm, factors: this.#factors }, metric, value, options);
  }

  #seed(label: string): number {
    return createRandom(this.#context.config.seed)
      .fork(`toll ${this.#arm} ${label}`)
      .integer(2 ** 31);
  }
}

export function analyseToll(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const figures: Figure[] = [];
  const ofMode = (mode: Slice['mode']) => slices.filter((slice) => slice.mode === mode);
  for (const [, level] of Map.groupBy(ofMode('paired'), (slice) => slice.factors.in_flight)) {
    const baselines = level.filter(({ arm }) => arm === context.baseline);
    for (const [arm, own] of Map.groupBy(level, (slice) => slice.arm ?? '')) {
      const factors = own[0]?.factors ?? {};
      const analysis = new ArmAnalysis(context, arm, factors, own, baselines);
      const counted = ofMode('count').filter(
        (slice) => slice.arm === arm && slice.factors.in_flight === factors.in_flight,
      );
      const shared = own.some((slice) => !('redis_commands' in slice.measures));
      figures.push(...analysis.figures(), ...analysis.redisFigures(shared ? counted : own));
    }
  }
  for (const [arm, own] of Map.groupBy(ofMode('closed'), (slice) => slice.arm ?? '')) {
    figures.push(...new ArmAnalysis(context, arm, own[0]?.factors ?? {}, own, []).throughput(own));
  }
  return figures;
}

function pairsByArm(
  slices: readonly Slice[],
  baseline: string,
): { readonly arm: string; readonly pairs: ReturnType<typeof ratioPairs> }[] {
  const good = usable(slices.filter((slice) => slice.mode === 'paired'));
  const result: { arm: string; pairs: ReturnType<typeof ratioPairs> }[] = [];
  for (const [, level] of Map.groupBy(good, (slice) => slice.factors.in_flight)) {
    const baselines = level.filter(({ arm }) => arm === baseline);
    for (const [arm, own] of Map.groupBy(level, (slice) => slice.arm ?? '')) {
      if (arm !== baseline && baselines.length > 0) result.push({ arm, pairs: ratioPairs(own, baselines) });
    }
  }
  return result;
}

/** Every arm's ratio to the baseline, at every level; none without a baseline. */
export function ratioEstimates(slices: readonly Slice[], baseline: string, seed: number): readonly Estimate[] {
  return pairsByArm(slices, baseline).map(({ pairs }) => pairedRatio(pairs, { seed }));
}

/** The ratios so far, for the progress line: `session-redis 2.91× · jwt-hs256 1.58×`. */
export function liveRatios(slices: readonly Slice[], baseline: string): string {
  return pairsByArm(slices, baseline)
    .map(
      ({ arm, pairs }) =>
        `${arm} ${geometricMean(pairs.flat().map(({ value, baseline }) => value / baseline)).toFixed(2)}×`,
    )
    .join(' · ');
}
