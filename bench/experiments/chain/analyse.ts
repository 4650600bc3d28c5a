/**
 * Turns chain's slices into figures: cost and latency by hops, the cost of each hop, an extrapolated line, and
 * break-evens. Pure.
 */
import { CHAIN_MODEL, MOST_SERVICES } from '../../../core/results/metrics/chain.ts';
import type { Metric } from '../../../core/results/metrics.ts';
import type { Factors, Figure, Slice } from '../../../core/results/schema.ts';
import { STANDARD_IN_FLIGHT } from '../../../core/results/standard-load.ts';
import { fitLine } from '../../../core/stats/fitting/line.ts';
import { Cell } from '../../analysis/cell.ts';
import { WIDE } from '../../analysis/figure.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { breakEvenFigures } from './break-even.ts';
import { perHopFigures } from './per-hop.ts';
import { ALONE, CHAIN } from './plan.ts';
import { hopsOf, inFlightOf, levelsOf, type Round, roundsOf } from './rounds.ts';

const lineOf = (round: Round) => fitLine([...round.keys()], [...round.values()]);

/** What the last hop adds minus what the previous one adds; null for fewer than three numbers of hops. */
export function bendOf(round: Round): number | null {
  const [first, middle, last] = [...round.values()].slice(-3);
  return first === undefined || middle === undefined || last === undefined ? null : last - 2 * middle + first;
}

/** One arm with its checks in one place: all its hops at the standard load. */
function growthFigures(cell: Cell): Figure[] {
  const rounds = roundsOf(cell.slices, cell.baselines);
  if (!rounds.flat().some((round) => round.size > 1)) return [];
  const of = (metric: Metric, value: (round: Round) => number, factors: Factors = {}) =>
    cell.meanOf(
      metric,
      rounds.map((fork) => fork.map(value)),
      {
        factors,
        flags: cell.comparedFlags(),
        label: `${metric} ${JSON.stringify(factors)}`,
        ...(factors.model ? { source: 'model' as const } : {}),
      },
    );
  const bends = rounds.map((fork) => fork.flatMap((round) => bendOf(round) ?? []));
  return [
    ...of('chain_toll_per_hop_us', (round) => lineOf(round).slope),
    ...cell.meanOf('chain_toll_bend_us', bends, { flags: cell.comparedFlags(), label: 'bend' }),
    ...Array.from({ length: MOST_SERVICES }, (_, i) => i + 1).flatMap((hops) =>
      of(
        'model_chain_toll_us',
        (round) => {
          const { intercept, slope } = lineOf(round);
          return intercept + slope * hops;
        },
        { hops, model: CHAIN_MODEL },
      ),
    ),
  ];
}

class ChainAnalysis {
  readonly #context: AnalysisContext;
  readonly #slices: readonly Slice[];
  readonly #baselines: readonly Slice[];

  constructor(context: AnalysisContext, slices: readonly Slice[], baselines: readonly Slice[]) {
    this.#context = context;
    this.#slices = slices;
    this.#baselines = baselines;
  }

  /** @param slices of one arm with its checks in one place */
  figures(slices: readonly Slice[]): Figure[] {
    const at = (inFlight: number, hops?: number) => (slice: Slice) =>
      inFlightOf(slice) === inFlight && (hops === undefined || hopsOf(slice) === hops);
    const isBaseline = slices === this.#baselines;
    const costs = levelsOf(slices).flatMap((hops) => {
      const busy = this.#cell(slices, at(STANDARD_IN_FLIGHT, hops), { hops });
      const alone = this.#cell(slices, at(ALONE, hops), { hops });
      const wide = { targetHalfWidth: WIDE.cost };
      return [
        ...busy.quotient('chain_cpu_us', wide),
        ...alone.quotient('chain_latency_us'),
        ...(isBaseline
          ? []
          : [
              ...busy.paired('chain_toll_us'),
              ...busy.paired('chain_ratio', wide),
              ...alone.paired('chain_latency_toll_us'),
            ]),
      ];
    });
    return isBaseline ? costs : [...costs, ...growthFigures(this.#cell(slices, at(STANDARD_IN_FLIGHT), {}))];
  }

  all(): Figure[] {
    const baselines = new Set(this.#baselines);
    const guarded = this.#slices.filter((slice) => !baselines.has(slice));
    const own = Map.groupBy(guarded, ({ arm, factors }) => JSON.stringify([arm, factors.checks]));
    return [this.#baselines, ...own.values()]
      .filter((slices) => slices.length > 0)
      .flatMap((some) => this.figures(some));
  }

  #cell(all: readonly Slice[], belongs: (slice: Slice) => boolean, factors: Factors): Cell {
    const slices = all.filter(belongs);
    const [first] = all;
    const place = first?.factors.checks === undefined ? {} : { checks: first.factors.checks };
    const own = { ...place, ...factors };
    return new Cell({
      subject: { experiment: CHAIN, arm: first?.arm ?? null, factors: own },
      slices,
      baselines: this.#baselines.filter(belongs),
      seeds: seedsOf(this.#context, `${CHAIN} ${first?.arm} ${JSON.stringify(own)}`),
    });
  }
}

export function analyseChain(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const paired = slices.filter(({ mode }) => mode === 'paired');
  const baselines = paired.filter(({ arm }) => arm === context.baseline);
  return [
    ...new ChainAnalysis(context, paired, baselines).all(),
    ...perHopFigures(paired, context),
    ...breakEvenFigures(paired, context),
  ];
}
