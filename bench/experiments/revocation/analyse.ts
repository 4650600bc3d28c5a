/** From revocation's slices to its figures. Pure. */
import type { Flag } from '../../../core/results/flags.ts';
import type { Factors, Figure, Slice } from '../../../core/results/schema.ts';
import type { Estimate } from '../../../core/stats/estimate.ts';
import { proportion } from '../../../core/stats/proportion.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { type Bracket, bracketMax, bracketQuantile } from '../../analysis/bracket.ts';
import { figure } from '../../analysis/figure.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { byFork, flagsOf, measure } from '../../measuring/slices.ts';

/** What became of one credential over all replicas: the slowest decides. */
interface Lag extends Bracket {
  /** Something that was sent after the revocation was accepted. */
  readonly lived: boolean;
  /** It was never refused for good while it was watched. */
  readonly open: boolean;
}

/** Quantiles; one is told only where so many revocations lie beyond it that it is not the largest. */
const QUANTILES = [
  { name: 'p50', probability: 0.5, least: 3 },
  { name: 'p99', probability: 0.99, least: 100 },
] as const;

/** @returns null where the slice holds none */
export function lagOf(slice: Slice): Lag | null {
  const each = Array.from({ length: slice.measures.replicas ?? 0 }, (_, i) => ({
    accepted: slice.measures[`last_accepted_ms_${i}`],
    refused: slice.measures[`first_refused_ms_${i}`],
  }));
  if (each.length === 0) return null;
  const low = Math.max(0, ...each.map(({ accepted }) => accepted ?? 0));
  const watchedMs = measure(slice, 'watched_at_most_ms');
  const high = Math.max(low, ...each.map(({ refused }) => refused ?? watchedMs));
  return {
    low,
    high,
    open: each.some(({ refused }) => refused === undefined),
    lived: each.some(({ accepted }) => accepted !== undefined),
  };
}

/**
 * The lag as deployed. A credential that only its end ended lives on for the part of its life that was left, whatever
 * that life is; one that was refused at once is refused at once.
 */
export function scaledLag(lag: Lag, revokedAfterMs: number, deployedLifeMs: number): Lag {
  if (!lag.lived) return lag;
  const scale = (leftMs: number) => (deployedLifeMs * leftMs) / (revokedAfterMs + leftMs);
  return { ...lag, low: scale(lag.low), high: scale(lag.high) };
}

class CellAnalysis {
  readonly #context: AnalysisContext;
  readonly #slices: readonly Slice[];
  readonly #arm: string | null;
  readonly #factors: Factors;

  constructor(context: AnalysisContext, slices: readonly Slice[]) {
    this.#context = context;
    this.#slices = slices;
    this.#arm = slices[0]?.arm ?? null;
    this.#factors = slices[0]?.factors ?? {};
  }

  figures(): Figure[] {
    return [...this.#lags(), ...this.#bound()];
  }

  #lags(): Figure[] {
    const measured = this.#lagFigures(lagOf, {}, 'measured');
    if (this.#factors.settings !== 'shortened') return measured;
    const asDeployed = (slice: Slice) => {
      const lag = lagOf(slice);
      const lifeMs = slice.measures.deployed_bound_ms;
      return lag && lifeMs !== undefined ? scaledLag(lag, measure(slice, 'revoked_after_ms'), lifeMs) : null;
    };
    return [...this.#lagFigures(asDeployed, { settings: 'deployed' }, 'model'), ...measured];
  }

  #lagFigures(lagOfSlice: (slice: Slice) => Lag | null, more: Factors, source: Figure['source']): Figure[] {
    const forks = byFork(this.#slices)
      .map((fork) => fork.flatMap((slice) => lagOfSlice(slice) ?? []))
      .filter((fork) => fork.length > 0);
    const all = forks.flat();
    if (all.length === 0) return [];
    const flags = this.#flags();
    if (all.some(({ open }) => open)) flags.push('still-broken');
    const lag = (quantile: string, value: Estimate) =>
      this.#figure('revocation_lag_ms', value, { ...more, quantile }, flags, source);
    return [
      ...QUANTILES.filter(({ least }) => all.length >= least).map(({ name, probability }) =>
        // Chance draws the moment of each revocation anew, which is nearly all that they differ by: all starts are one sample.
        lag(name, {
          ...bracketQuantile([all], probability, { seed: this.#seed(`${name} ${source}`) }),
          forks: forks.length,
        }),
      ),
      lag('max', bracketMax(forks)),
    ];
  }

  /** The declaration is of the light read; what is checked more closely may be refused sooner, and never later. */
  #flags(): Flag[] {
    const flags = flagsOf(this.#slices);
    return this.#slices.every(isWithinBound) ? flags : [...flags, 'declaration-broken'];
  }

  #bound(): Figure[] {
    const [first] = this.#slices;
    if (first === undefined) return [];
    const share = proportion(this.#slices.filter(isWithinBound).length, this.#slices.length);
    const forks = byFork(this.#slices).length;
    const percent = { ...share, value: 100 * share.value, low: 100 * share.low, high: 100 * share.high, forks };
    const deployed = first.measures.deployed_bound_ms;
    return [
      this.#figure('revocation_within_bound_pct', percent, {}, this.#flags()),
      ...(deployed === undefined ? [] : [this.#declared(deployed, { settings: 'deployed' })]),
      ...(this.#factors.settings === 'shortened' ? [this.#declared(measure(first, 'bound_ms'), {})] : []),
    ];
  }

  /** What is declared is neither measured nor sampled, so that further starts would not change it. */
  #declared(value: number, more: Factors): Figure {
    const blocks = this.#slices.length;
    const exact = { value, low: value, high: value, confidence: 0.95, blocks, forks: blocks };
    return this.#figure('revocation_bound_ms', exact, more, [], 'model');
  }

  #figure(
    metric: 'revocation_lag_ms' | 'revocation_bound_ms' | 'revocation_within_bound_pct',
    value: Estimate,
    more: Factors,
    flags: readonly Flag[],
    source: Figure['source'] = 'measured',
  ): Figure {
    const subject = { experiment: 'revocation', arm: this.#arm, factors: { ...this.#factors, ...more } };
    return figure(subject, metric, value, { flags, source });
  }

  #seed(label: string): number {
    return createRandom(this.#context.config.seed)
      .derive(`revocation ${this.#arm} ${JSON.stringify(this.#factors)} ${label}`)
      .integer(2 ** 31);
  }
}

/** Whether nothing was accepted later than declared; what was never refused has outlived every bound. */
export function isWithinBound(slice: Slice): boolean {
  const lag = lagOf(slice);
  if (lag === null || !lag.lived) return lag === null || !lag.open;
  const boundMs = measure(slice, 'bound_ms');
  // At once means that nothing which is sent later is accepted, be it sent in the same millisecond.
  return !lag.open && boundMs > 0 && lag.low <= boundMs;
}

export function analyseRevocation(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const cells = Map.groupBy(slices, ({ arm, factors }) => JSON.stringify([arm, factors]));
  // Cells end in any order: theirs is that of their names.
  const sorted = [...cells].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.flatMap(([, own]) => new CellAnalysis(context, own).figures());
}
