/** How long a credential lives, and is watched after its revocation. */
import type { ArmInfo } from '../../../servers/contract.ts';
import { type Lives, LONGEST_WAIT_MS, livesOf } from './settings.ts';

export interface WatchedLives extends Omit<Lives, 'boundMs'> {
  /** The declared bound; 0 for at once; null if unknown. */
  readonly boundMs: number | null;
  /** The longest wait; a credential that is still accepted then counts as not refused while it was watched. */
  readonly waitMs: number;
  /** The lifetime of a credential that ends only by expiry, if that is waited for; null for any other. */
  readonly lifeMs: number | null;
}

export function armLives(arm: ArmInfo): WatchedLives {
  const lives = livesOf(arm);
  return { ...lives, waitMs: lives.boundMs, lifeMs: lives.shortened === null ? null : lives.boundMs };
}

/** A service has no settings to shorten its lifetimes: it is watched unchanged, for as long as is practical. */
export function serviceLives({ revocation, lifetimeMs }: Pick<ArmInfo, 'revocation' | 'lifetimeMs'>): WatchedLives {
  const isAtExpiry = revocation === 'at-expiry';
  const boundMs = revocation === 'at-once' ? 0 : isAtExpiry ? (lifetimeMs ?? null) : revocation.withinMs;
  const waitMs = Math.min(boundMs ?? LONGEST_WAIT_MS, LONGEST_WAIT_MS);
  const lifeMs = isAtExpiry && boundMs === waitMs ? boundMs : null;
  return { shortened: null, boundMs, deployedBoundMs: boundMs, waitMs, lifeMs };
}

export interface Lived {
  /** Ms since the epoch; null if unknown. */
  readonly session: { readonly endsAtMs: number | null };
  /** On the clock of performance.now(). */
  readonly loggedInMs: number;
}

/** @returns the rest of the credential's lifetime in ms, below zero if it is over; null if it does not end by expiry */
export function leftMs({ session: { endsAtMs }, loggedInMs }: Lived, lifeMs: number | null): number | null {
  if (lifeMs === null) return null;
  const byLifeMs = lifeMs - (performance.now() - loggedInMs);
  return endsAtMs === null ? byLifeMs : Math.min(byLifeMs, endsAtMs - Date.now());
}
