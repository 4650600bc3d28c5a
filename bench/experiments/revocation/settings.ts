/** How long a credential may live on by what its arm declares, and settings under which that can be waited for. */

import type { ServerSettings } from '../../../servers/configuration.ts';
import type { ArmInfo } from '../../../servers/contract.ts';

/** A life that is longer than this is not waited for: it is measured shortened, and scaled. */
export const LONGEST_WAIT_MS = 10_000;
/** JWTs end on whole seconds, so that less would be mostly rounding. */
const SHORT_SECONDS = 3;

export interface Lives {
  /** The settings that shorten lifetimes; null if the arm is measured as deployed. */
  readonly shortened: ServerSettings | null;
  /** The bound that it declares under these settings; 0 for at once. */
  readonly boundMs: number;
  /** The bound that it declares as deployed; null if it declares none. */
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
  // A session whose copy is too old is asked for: it must not end by itself meanwhile, or nothing would be shown.
  if (boundSetting !== undefined) return { shortened: { [boundSetting]: boundMs }, boundMs, deployedBoundMs };
  const shortened = {
    tokenLifetimeSeconds: SHORT_SECONDS,
    accessTokenLifetimeSeconds: SHORT_SECONDS,
    absoluteTimeoutMs: boundMs,
  };
  return { shortened, boundMs, deployedBoundMs };
}

/** When a bearer token says that it ends, in ms since the epoch; null for any other credential. */
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
