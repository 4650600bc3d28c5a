/** From layers' slices to figures: what each layer adds to each arm, and what is left of the difference between arms. Pure. */
import type { Metric } from '../../../core/results/metrics.ts';
import type { Factors, Figure, Slice } from '../../../core/results/schema.ts';
import type { Estimate } from '../../../core/stats/estimate.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { pairedDifference, pairedRatio } from '../../../core/stats/ratio.ts';
import { CellAnalysis, ratioPairs, usable, WIDE } from '../../analysis/cell-analysis.ts';
import { type FigureOptions, figure } from '../../analysis/figure.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { flagsOf, measure, paired } from '../../measuring/slices.ts';
import { BARE, TLS_LAYER } from './list.ts';

export const LAYERS_EXPERIMENT = 'layers';

const layersOf = (slice: Slice) => String(slice.factors.layers);

class LayersAnalysis {
  readonly #context: AnalysisContext;
  /** Paired slices by layer, then by arm. */
  readonly #byLayer: ReadonlyMap<string, ReadonlyMap<string, readonly Slice[]>>;
  readonly #counted: readonly Slice[];

  constructor(slices: readonly Slice[], context: AnalysisContext) {
    this.#context = context;
    const load = Map.groupBy(usable(slices.filter(({ mode }) => mode === 'paired')), layersOf);
    this.#byLayer = new Map(
      [...load].map(([layer, own]) => [layer, Map.groupBy(own, ({ arm }) => arm ?? '')] as const),
    );
    this.#counted = usable(slices.filter(({ mode }) => mode === 'count'));
  }

  figures(): Figure[] {
    return [...this.#byLayer]
      .flatMap(([layers, arms]) => [
        ...[...arms].flatMap(([arm, own]) => [...this.#cell(layers, arm, own), ...this.#layer(layers, arm, own)]),
        ...this.#schemes(layers, arms),
      ])
      .concat(this.#handshakes());
  }

  /** Redis's own figures of the bare arm alone: what a layer asks of Redis is told as the layer's. */
  #cell(layers: string, arm: string, own: readonly Slice[]): Figure[] {
    const subject = { experiment: LAYERS_EXPERIMENT, arm, factors: { layers } };
    const cell = new CellAnalysis(this.#context, subject, own, this.#of(layers, this.#context.baseline));
    return [...cell.figures(), ...(layers === BARE ? cell.redisFigures(own) : [])];
  }

  /** What the layer adds to the arm itself. */
  #layer(layers: string, arm: string, own: readonly Slice[]): Figure[] {
    const bare = this.#of(BARE, arm);
    const pairs = ratioPairs(own, bare);
    if (layers === BARE || pairs.length === 0) return [];
    const flags = flagsOf(own);
    const seed = (label: string) => ({ seed: this.#seed(`${label} ${layers} ${arm}`) });
    const redis = (metric: Metric, measured: string, unit: number) => {
      const each = (slice: Slice) => measure(slice, measured) / unit / slice.requests;
      const added = paired(own, bare).map((fork) =>
        fork
          .map(({ slice, baseline }) => ({ value: each(slice), baseline: each(baseline) }))
          .filter(({ value, baseline }) => Number.isFinite(value - baseline)),
      );
      if (added.flat().length === 0) return [];
      return [this.#figure(arm, metric, { layers }, pairedDifference(added, seed(metric)), { flags })];
    };
    return [
      this.#figure(arm, 'layer_ratio', { layers }, pairedRatio(pairs, seed('ratio')), { flags, targetHalfWidth: WIDE }),
      this.#figure(arm, 'layer_toll_us', { layers }, pairedDifference(pairs, seed('toll')), { flags }),
      ...redis('layer_redis_commands', 'redis_commands', 1),
      ...redis('layer_redis_cpu_us', 'redis_cpu_ns', 1000),
    ];
  }

  /** Every arm against each that comes after it, under the same layers. */
  #schemes(layers: string, arms: ReadonlyMap<string, readonly Slice[]>): Figure[] {
    const names = [...arms.keys()]
      .filter((arm) => arm !== this.#context.baseline)
      .sort()
      .reverse();
    return names.flatMap((arm, i) =>
      names.slice(i + 1).flatMap((than) => {
        const pairs = ratioPairs(this.#of(layers, arm), this.#of(layers, than));
        if (pairs.length === 0) return [];
        const value = pairedRatio(pairs, { seed: this.#seed(`scheme ${layers} ${arm} ${than}`) });
        const flags = [...new Set([...flagsOf(this.#of(layers, arm)), ...flagsOf(this.#of(layers, than))])];
        return [this.#figure(arm, 'scheme_ratio', { layers, than }, value, { flags, targetHalfWidth: WIDE })];
      }),
    );
  }

  #handshakes(): Figure[] {
    return [...Map.groupBy(this.#counted, ({ factors }) => factors.handshake)].flatMap(([handshake, slices]) => {
      const of = (layers: string) => slices.filter((slice) => layersOf(slice) === layers);
      const [first] = slices;
      const pairs = ratioPairs(of(TLS_LAYER), of(BARE));
      if (!first || pairs.length === 0 || handshake === undefined) return [];
      const value = pairedDifference(pairs, { seed: this.#seed(`handshake ${handshake}`) });
      return [this.#figure(first.arm, 'handshake_cpu_us', { handshake }, value, { flags: flagsOf(slices) })];
    });
  }

  #of(layers: string, arm: string): readonly Slice[] {
    return this.#byLayer.get(layers)?.get(arm) ?? [];
  }

  #figure(arm: string | null, metric: Metric, factors: Factors, value: Estimate, options: FigureOptions): Figure {
    return figure({ experiment: LAYERS_EXPERIMENT, arm, factors }, metric, value, options);
  }

  #seed(label: string): number {
    return createRandom(this.#context.config.seed)
      .derive(`${LAYERS_EXPERIMENT} ${label}`)
      .integer(2 ** 31);
  }
}

export function analyseLayers(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  return new LayersAnalysis(slices, context).figures();
}
