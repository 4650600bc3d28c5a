/** Turns revocation's slices into figures. Pure. */

import type { Flag } from '../../../core/results/flags.ts';
import type { Factors, Figure, Slice } from '../../../core/results/schema.ts';
import type { Bounds, Estimate } from '../../../core/stats/interval.ts';
import { bracketMax, bracketQuantile } from '../../analysis/bracket.ts';
import { Cell } from '../../analysis/cell.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { byFork, measure } from '../../measuring/slices.ts';

/** The outcome for one credential over all replicas: the slowest replica decides. */
interface Lag extends Bounds {
  /** A request sent after the revocation was accepted. */
  readonly lived: boolean;
  /** True if it was never permanently refused while it was watched. */
  readonly open: boolean;
}

/** The reported quantiles, with the least number of revocations: with fewer, the largest does not bound p99. */
const QUANTILES = [
  { name: 'p50', probability: 0.5, least: 3 },
  { name: 'p99', probability: 0.99, least: 368 },
] as const;

/**
 * @param counts selects replicas by number; default all @returns null if the slice has none, or if the credential had
 * expired before the first request that was refused: nothing then shows whether the revocation ended it
 */
export function lagOf(slice: Slice, counts: (replica: number) => boolean = () => true): Lag | null {
  const { last_accepted_ms: accepted = [], first_refused_ms: refused = [] } = slice.measures;
  const each = accepted.flatMap((lastAccepted, replica) =>
    counts(replica) ? [{ accepted: lastAccepted, refused: refused[replica] ?? null }] : [],
  );
  if (each.length === 0) return null;
  const low = Math.max(0, ...each.map(({ accepted }) => accepted ?? 0));
  const watchedMs = measure(slice, 'watched_at_most_ms');
  const high = Math.max(low, ...each.map(({ refused }) => refused ?? watchedMs));
  const lived = each.some(({ accepted }) => accepted !== null);
  const open = each.some(({ refused }) => refused === null);
  if (!lived && !open && high > (slice.measures.life_left_ms ?? Number.POSITIVE_INFINITY)) return null;
  return { low, high, open, lived };
}

/**
 * The lag as deployed. A credential that ends only by expiry lives for the remaining part of its lifetime, which
 * scales; one that was refused at once is refused at once.
 */
export function scaledLag(lag: Lag, revokedAfterMs: number, deployedLifeMs: number): Lag {
  if (!lag.lived) return lag;
  const scale = (leftMs: number) => (deployedLifeMs * leftMs) / (revokedAfterMs + leftMs);
  return { ...lag, low: scale(lag.low), high: scale(lag.high) };
}

/** The figures of one arm, way of revoking and set of settings. */
function cellFigures(cell: Cell): Figure[] {
  return [...lags(cell), ...lagsByReplica(cell), ...bounds(cell)];
}

/** The longest lag on the replica that was asked to revoke, and on the others, where that was recorded. */
function lagsByReplica(cell: Cell): Figure[] {
  const slices = cell.slices.filter((slice) => slice.measures.revoked_at_replica !== undefined);
  return (['asked', 'other'] as const).flatMap((replica) => {
    const seen = (slice: Slice) =>
      lagOf(slice, (number) => (number === slice.measures.revoked_at_replica) === (replica === 'asked')) ?? [];
    const forks = byFork(slices)
      .map((fork) => fork.flatMap(seen))
      .filter((fork) => fork.length > 0);
    if (forks.length === 0) return [];
    const flags: Flag[] = forks.flat().some(({ open }) => open) ? ['still-broken'] : [];
    const factors = { replica, quantile: 'max' };
    return [cell.figure('replica_revocation_lag_ms', bracketMax(forks), { factors, flags: [...cell.flags, ...flags] })];
  });
}

const isShortened = ({ subject }: Cell) => subject.factors.settings === 'shortened';
const DEPLOYED = { settings: 'deployed' } as const;

function lags(cell: Cell): Figure[] {
  const measured = lagFigures(cell, (slice) => lagOf(slice), {}, 'measured');
  if (!isShortened(cell)) return measured;
  const asDeployed = (slice: Slice) => {
    const lag = lagOf(slice);
    const lifeMs = slice.measures.deployed_bound_ms;
    return lag && lifeMs !== undefined ? scaledLag(lag, measure(slice, 'revoked_after_ms'), lifeMs) : null;
  };
  return [...lagFigures(cell, asDeployed, DEPLOYED, 'model'), ...measured];
}

function lagFigures(
  cell: Cell,
  lagOfSlice: (slice: Slice) => Lag | null,
  more: Factors,
  source: Figure['source'],
): Figure[] {
  const forks = byFork(cell.slices)
    .map((fork) => fork.flatMap((slice) => lagOfSlice(slice) ?? []))
    .filter((fork) => fork.length > 0);
  const all = forks.flat();
  if (all.length === 0) return [];
  const flags: Flag[] = all.some(({ open }) => open) ? ['still-broken'] : [];
  const lag = (quantile: string, value: Estimate) =>
    cell.figure('revocation_lag_ms', value, {
      factors: { ...more, quantile },
      flags: [...flagsAsDeclared(cell), ...flags],
      source,
    });
  return [
    // Each revocation happens at a random moment, which explains nearly all of their variation, so all starts are one
    // sample.
    ...QUANTILES.filter(({ least }) => all.length >= least).map(({ name, probability }) =>
      lag(name, bracketQuantile(forks, probability)),
    ),
    lag('max', bracketMax(forks)),
  ];
}

/** The declaration covers the light read; stricter checks may refuse sooner, never later. */
function flagsAsDeclared({ slices, flags }: Cell): readonly Flag[] {
  return slices.every(isWithinBound) ? flags : [...flags, 'declaration-broken'];
}

function bounds(cell: Cell): Figure[] {
  const [first] = cell.slices;
  if (first === undefined) return [];
  const within = cell.slices.filter(isWithinBound).length;
  const deployed = first.measures.deployed_bound_ms;
  return [
    ...cell.share('revocation_within_bound_pct', within, cell.slices.length, { flags: flagsAsDeclared(cell) }),
    ...(deployed === undefined ? [] : [declared(cell, deployed, DEPLOYED)]),
    ...(isShortened(cell) ? [declared(cell, measure(first, 'bound_ms'), {})] : []),
  ];
}

/** A declaration is neither measured nor sampled, so further starts would not change it. */
function declared(cell: Cell, value: number, factors: Factors): Figure {
  const blocks = cell.slices.length;
  const exact = { value, low: value, high: value, confidence: 0.95, blocks, forks: blocks };
  return cell.figure('revocation_bound_ms', exact, { factors, flags: [], source: 'model' });
}

/**
 * Whether nothing was accepted later than declared. A credential that was never refused has exceeded every bound that
 * was waited for. With a longer bound, or if no lifetime is declared, the observation contradicts nothing.
 */
export function isWithinBound(slice: Slice): boolean {
  const lag = lagOf(slice);
  if (lag === null) return true;
  const boundMs = slice.measures.bound_ms ?? Number.POSITIVE_INFINITY;
  if (boundMs > measure(slice, 'watched_at_most_ms')) return true;
  if (!lag.lived) return !lag.open;
  // At once means that nothing sent later is accepted, even within the same millisecond.
  return !lag.open && boundMs > 0 && lag.low <= boundMs;
}

export function analyseRevocation(slices: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const cells = Map.groupBy(slices, ({ arm, factors }) => JSON.stringify([arm, factors]));
  // Cells end in any order, so they are sorted by name.
  const sorted = [...cells].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.flatMap(([, own]) => {
    const { arm = null, factors = {} } = own[0] ?? {};
    const seeds = seedsOf(context, `revocation ${arm} ${JSON.stringify(factors)}`);
    return cellFigures(new Cell({ subject: { experiment: 'revocation', arm, factors }, slices: own, seeds }));
  });
}
