/** How long a credential may stay valid according to its arm, and settings that make the wait practical. */

import type { ServerSettings } from '../../../servers/configuration.ts';
import type { ArmInfo } from '../../../servers/contract.ts';

/** A longer lifetime is not waited for: it is shortened, and the result scaled. */
export const LONGEST_WAIT_MS = 10_000;
/** JWTs expire on whole seconds, so anything shorter would be mostly rounding. */
const SHORT_SECONDS = 3;

export interface Lives {
  /** The settings that shorten lifetimes; null if the arm is measured as deployed. */
  readonly shortened: ServerSettings | null;
  /** The declared bound under these settings; 0 for at once. */
  readonly boundMs: number;
  /** The declared bound as deployed; null if there is none. */
  readonly deployedBoundMs: number | null;
}

export function livesOf({
  revocation,
  boundSetting,
  lifetimeMs,
}: Pick<ArmInfo, 'revocation' | 'boundSetting' | 'lifetimeMs'>): Lives {
  if (revocation === 'at-once') return { shortened: null, boundMs: 0, deployedBoundMs: 0 };
  const deployedBoundMs = revocation === 'at-expiry' ? (lifetimeMs ?? null) : revocation.withinMs;
  if (deployedBoundMs !== null && deployedBoundMs <= LONGEST_WAIT_MS) {
    return { shortened: null, boundMs: deployedBoundMs, deployedBoundMs };
  }
  const boundMs = SHORT_SECONDS * 1000;
  // A stale copy makes the server ask for the session, which must not expire meanwhile, or the revocation could not
  // be observed.
  if (boundSetting !== undefined) return { shortened: { [boundSetting]: boundMs }, boundMs, deployedBoundMs };
  const shortened = {
    tokenLifetimeSeconds: SHORT_SECONDS,
    accessTokenLifetimeSeconds: SHORT_SECONDS,
    absoluteTimeoutMs: boundMs,
  };
  return { shortened, boundMs, deployedBoundMs };
}

/** The expiry of a bearer token, in ms since the epoch; null for any other credential. */
export function tokenEndMs(headers: Readonly<Record<string, string>>): number | null {
  const claims = headers.authorization?.split('.')[1];
  if (claims === undefined) return null;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString());
    const { exp } = (parsed ?? {}) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : null;
  } catch {
    return null;
  }
}
