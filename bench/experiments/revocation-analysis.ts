/** From revocation's slices to its figures. Pure. */
import type { Flag } from '../results/flags.ts';
import type { Factors, Figure, Slice } from '../results/schema.ts';
import type { Estimate } from '../stats/estimate.ts';
import { proportion } from '../stats/proportion.ts';
import { createRandom } from '../stats/random.ts';
import { type Bracket, bracketMax, bracketQuantile } from './bracket.ts';
import type { AnalysisContext } from './experiment.ts';
import { figure } from './figure.ts';
import { OPERATIONS, type Operation } from './revocation-cycle.ts';
import { byFork, flagsOf, measure } from './slices.ts';

/** What became of one credential by one operation, over all replicas: the slowest decides. */
interface Lag extends Bracket {
  /** Something that was sent after the revocation was accepted. */
  readonly lived: boolean;
  /** It was never refused for good while it was watched. */
  readonly open: boolean;
}

/** Quantiles; one is told only where so many revocations lie beyond it that it is not the largest. */
const QUANTILES = [
  { name: 'p50', probability: 0.5, least: 2 },
  { name: 'p99', probability: 0.99, least: 100 },
] as const;

/** @returns null where the slice holds nothing of it */
export function lagOf(slice: Slice, operation: Operation): Lag | null {
  const replicas = slice.measures[`${operation}_replicas`] ?? 0;
  const each = Array.from({ length: replicas }, (_, i) => ({
    accepted: slice.measures[`${operation}_last_accepted_ms_${i}`],
    refused: slice.measures[`${operation}_first_refused_ms_${i}`],
  }));
  if (each.length === 0) return null;
  const open = each.some(({ refused }) => refused === undefined);
  const low = Math.max(0, ...each.map(({ accepted }) => accepted ?? 0));
  const high = Math.max(low, ...each.map(({ refused }) => refused ?? measure(slice, 'watched_at_most_ms')));
  return { low, high, open, lived: each.some(({ accepted }) => accepted !== undefined) };
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
    return [...OPERATIONS.flatMap((operation) => this.#lags(operation)), ...this.#bound()];
  }

  #lags(operation: Operation): Figure[] {
    const shortened = this.#factors.settings === 'shortened';
    const measured = this.#lagFigures(operation, (slice) => lagOf(slice, operation), { operation });
    if (!shortened) return measured;
    const asDeployed = this.#lagFigures(
      operation,
      (slice) => {
        const lag = lagOf(slice, operation);
        const lifeMs = slice.measures.deployed_bound_ms;
        return lag && lifeMs !== undefined ? scaledLag(lag, measure(slice, 'revoked_after_ms'), lifeMs) : null;
      },
      { operation, settings: 'deployed' },
      'model',
    );
    return [...asDeployed, ...measured];
  }

  #lagFigures(
    operation: Operation,
    lagOfSlice: (slice: Slice) => Lag | null,
    more: Factors,
    source: Figure['source'] = 'measured',
  ): Figure[] {
    const forks = byFork(this.#slices)
      .map((fork) => fork.flatMap((slice) => lagOfSlice(slice) ?? []))
      .filter((fork) => fork.length > 0);
    const all = forks.flat();
    if (all.length === 0) return [];
    const flags = [...flagsOf(this.#slices), ...this.#brokenFlags(operation)];
    if (all.some(({ open }) => open)) flags.push('still-broken');
    const lag = (quantile: string, value: Estimate) =>
      this.#figure('revocation_lag_ms', value, { ...more, quantile }, flags, source);
    return [
      ...QUANTILES.filter(({ least }) => all.length >= least).map(({ name, probability }) =>
        lag(name, bracketQuantile(forks, probability, { seed: this.#seed(`${operation} ${name} ${source}`) })),
      ),
      lag('max', bracketMax(forks)),
    ];
  }

  /** The declaration is of the light read; what is checked more closely may be refused sooner, and never later. */
  #brokenFlags(operation: Operation): Flag[] {
    return this.#slices.some((slice) => !isWithinBound(slice, operation)) ? ['declaration-broken'] : [];
  }

  #bound(): Figure[] {
    const [first] = this.#slices;
    if (first === undefined) return [];
    const kept = this.#slices.filter((slice) => isWithinBound(slice, 'read')).length;
    const share = proportion(kept, this.#slices.length);
    const forks = byFork(this.#slices).length;
    const percent = { ...share, value: 100 * share.value, low: 100 * share.low, high: 100 * share.high, forks };
    const flags = [...flagsOf(this.#slices), ...this.#brokenFlags('read')];
    const deployed = first.measures.deployed_bound_ms;
    return [
      this.#figure('revocation_within_bound_pct', percent, {}, flags),
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
      .fork(`revocation ${this.#arm} ${JSON.stringify(this.#factors)} ${label}`)
      .integer(2 ** 31);
  }
}

/** Whether nothing was accepted later than declared; what was never refused has outlived every bound. */
export function isWithinBound(slice: Slice, operation: Operation): boolean {
  const lag = lagOf(slice, operation);
  if (lag === null || !lag.lived) return lag === null || !lag.open;
  const boundMs = measure(slice, 'bound_ms');
  // At once means that nothing which is sent later is accepted, be it sent in the same millisecond.
  return !lag.open && boundMs > 0 && lag.low <= boundMs;
}

export function analyseRevocation(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const cells = Map.groupBy(slices, ({ arm, factors }) => JSON.stringify([arm, factors]));
  return [...cells.values()].flatMap((own) => new CellAnalysis(context, own).figures());
}
