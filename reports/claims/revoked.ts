/** Figures of the experiment `revocation` used by several claims: how long an ended credential was still accepted. */
import type { ArmSummary } from '../../core/results/arms.ts';
import { endsAtOnce, isLowerBound } from '../../core/results/sampled.ts';
import type { Figure } from '../../core/results/schema.ts';
import { formatDuration } from '../../core/text/format.ts';
import { lifeText } from '../../core/text/life.ts';
import type { Evidence } from './evidence.ts';

export type RevocationKind = 'logout' | 'logout-all' | 'disable';

export interface LagQuestion {
  readonly kind?: RevocationKind;
  /** Default `read`, the light read. */
  readonly operation?: 'read' | 'critical';
  readonly credential?: 'cookie' | 'token';
}

/** The longest observed lag as deployed, over every way to revoke that is not excluded; null if none was observed. */
export function longestLag(evidence: Evidence, arm: string, question: LagQuestion = {}): Figure | null {
  const { operation = 'read', ...more } = question;
  const factors = { quantile: 'max', settings: 'deployed', operation, ...more };
  const lags = evidence.of(arm, 'revocation', 'revocation_lag_ms', factors);
  return lags.reduce<Figure | null>(
    (longest, lag) => (longest === null || isLonger(lag, longest) ? lag : longest),
    null,
  );
}

function isLonger(lag: Figure, other: Figure): boolean {
  return lag.low > other.low || (lag.low === other.low && isLowerBound(lag) && !isLowerBound(other));
}

/** `at once`, `after up to 14.2 min`, or `after more than 5 s, if at all` if no refusal was seen. */
export function lagText(lag: Figure): string {
  if (endsAtOnce(lag)) return 'at once';
  return isLowerBound(lag) ? `after ${lifeText(lag)}, if at all` : `after ${lifeText(lag)}`;
}

/**
 * What happens to a revoked credential: `ends at once (within 5 ms)`, `stays valid until it expires: up to 14 min in
 * this run, 15 min at most`, `stays valid for up to 1 s` if something else than its expiry ends it, or `was not seen to
 * end within 12 s`.
 */
export function endText(lag: Figure, { declares }: Pick<ArmSummary, 'declares'>): string {
  if (endsAtOnce(lag)) return `ends at once (within ${formatDuration(lag.high)})`;
  if (isLowerBound(lag)) return `was not seen to end within ${formatDuration(lag.high)}`;
  const longest = formatDuration(lag.value);
  if (declares?.revokedWithinMs !== null) return `stays valid for up to ${longest}`;
  // A run revokes credentials of some age, so it sees less than their lifetime.
  const { lifetimeMs } = declares;
  const most = lifetimeMs === null || lag.value > lifetimeMs ? '' : `, ${formatDuration(lifetimeMs)} at most`;
  return `stays valid until it expires: up to ${longest} in this run${most}`;
}
