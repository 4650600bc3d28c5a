/** What several claims ask of the experiment `revocation`: how long a credential that was ended went on being accepted. */
import type { Figure } from '../../core/results/schema.ts';
import { formatFixed, formatValue } from '../../core/text/format.ts';
import type { Evidence } from './evidence.ts';

export type RevocationKind = 'logout' | 'logout-all' | 'disable';

/** Nothing that was sent after the acknowledged revocation was accepted. */
export const endsAtOnce = ({ low }: Pick<Figure, 'low'>) => low === 0;

export interface LagQuestion {
  readonly kind?: RevocationKind;
  /** Without it, of the light read. */
  readonly operation?: 'read' | 'critical';
  readonly credential?: 'cookie' | 'token';
}

/** The longest that was seen, as deployed, over every way to revoke that is not ruled out; null where none was watched. */
export function longestLag(evidence: Evidence, arm: string, question: LagQuestion = {}): Figure | null {
  const { operation = 'read', ...more } = question;
  const factors = { quantile: 'max', settings: 'deployed', operation, ...more };
  const lags = evidence.of(arm, 'revocation', 'revocation_lag_ms', factors);
  return lags.reduce<Figure | null>(
    (longest, lag) => (longest === null || lag.low > longest.low ? lag : longest),
    null,
  );
}

/** `at once` or `after 14.2 min`. */
export function lagText(lag: Figure): string {
  return endsAtOnce(lag) ? 'at once' : `after up to ${formatLag(lag.value)}`;
}

/** A duration in its largest sensible unit. */
export function formatLag(ms: number): string {
  if (ms < 10_000) return formatValue({ value: ms, low: ms, high: ms, unit: 'ms' });
  const [value, unit] = ms < 120_000 ? [ms / 1000, 's'] : ms < 7_200_000 ? [ms / 60_000, 'min'] : [ms / 3_600_000, 'h'];
  return `${formatFixed(value, 1)} ${unit}`;
}
