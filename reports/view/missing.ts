/** What a run did not measure: the claims, the command and time for them, and the reference run's verdicts. Pure. */
import { type Reference, type ReferenceClaim, referenceOrigin } from '../../core/results/reference/reference.ts';
import { formatSeconds } from '../../core/text/format.ts';
import type { LedgerEntry } from '../claims/ledger.ts';
import { revocationSentence } from './headline.ts';
import type { Statement } from './statement.ts';
import { type Choice, revocationChoice } from './verdict.ts';

/** Results of another machine, shown separately from every sentence about this one. */
export interface FromReference {
  /** Machine, date and version, shown with all of it. */
  readonly origin: string;
  readonly claims: readonly ReferenceClaim[];
  readonly statements: readonly Statement[];
  /** Null if this run measured revocation itself, or the reference run lacks it. */
  readonly choice: Choice | null;
}

export interface Missing {
  readonly claims: readonly LedgerEntry[];
  /** The command that measures all of them; null if none is missing. */
  readonly command: string | null;
  /** `31 min 04 s`, the duration of these experiments in the reference run; null without one that had its full time. */
  readonly takes: string | null;
  /** Null if nothing is missing, or without a reference run. */
  readonly reference: FromReference | null;
}

/** @param said the statements of this run; what it says about revocation is not taken from the reference */
export function missingOf(
  ledger: readonly LedgerEntry[],
  knowsRevocation: boolean,
  reference: Reference | null,
): Missing {
  const claims = ledger.filter(({ verdict }) => verdict === 'not measured');
  if (claims.length === 0 && knowsRevocation) return { claims, command: null, takes: null, reference: null };
  const experiments = [
    ...new Set([...claims.flatMap(({ claim }) => claim.experiments), ...(knowsRevocation ? [] : ['revocation'])]),
  ];
  const command = `npm run bench -- --profile full --experiments ${experiments.join(',')}`;
  if (reference === null) return { claims, command, takes: null, reference: null };
  const took = new Map(reference.run.experiments.map(({ name, seconds }) => [name, seconds]));
  const isWhole = reference.run.config.budgetSeconds === null && experiments.every((name) => took.has(name));
  const seconds = experiments.reduce((sum, name) => sum + (took.get(name) ?? 0), 0);
  const wanted = new Set(claims.map(({ claim }) => claim.id));
  return {
    claims,
    command,
    takes: isWhole ? formatSeconds(seconds) : null,
    reference: {
      origin: referenceOrigin(reference),
      claims: reference.claims.filter(({ id, verdict }) => wanted.has(id) && verdict !== 'not measured'),
      statements: knowsRevocation ? [] : revocationSentence(reference.run),
      choice: knowsRevocation ? null : revocationChoice(reference.run),
    },
  };
}
