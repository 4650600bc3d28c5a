/** Interprets an arm's description for the checks. Pure. */

import type { ServerSettings } from '../../servers/configuration.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { Which } from './which.ts';

/** Whether the credential is a cookie, which a browser sends by itself. */
export const isCookie = (arm: ArmInfo): boolean => arm.needsCsrfProtection;

/** Whether the arm issues either a cookie or a token, as the client asks. */
export const hasBothCredentials = (arm: ArmInfo): boolean =>
  isCookie(arm) && arm.crossOrigin && arm.tokenAlgorithm !== undefined;

/** The arm as seen by a client that requests a token: a browser sends none of it automatically. */
export const asTokens = (arm: ArmInfo): ArmInfo => ({ ...arm, needsCsrfProtection: false });

/** Whether the cookie refers to state on the server. */
export const isReference = (arm: ArmInfo): boolean => isCookie(arm) && arm.serverState !== 'none';

/** For `appliesTo`. */
export function needsCookie(arm: ArmInfo): true | string {
  return isCookie(arm) || 'no cookie carries the credential';
}

/** For `appliesTo`. */
export function needsReference(arm: ArmInfo): true | string {
  if (isReference(arm)) return true;
  return isCookie(arm) ? 'the cookie holds the session itself, not a reference to it' : 'no session id is issued';
}

/** The replicas that accept a credential issued by this one. */
export function homeOf(arm: ArmInfo, issuedBy: Which): readonly Which[] {
  return arm.needsStickyRouting ? [issuedBy] : [0, 1];
}

/**
 * How long an ended credential may be accepted on replicas with these settings; null if the arm declares no such
 * bound.
 */
export function boundMs({ revocation, boundSetting }: ArmInfo, settings: ServerSettings): number | null {
  if (typeof revocation !== 'object') return null;
  return (boundSetting && settings[boundSetting]) ?? revocation.withinMs;
}

/** `limitOf` for ending one credential on the replica that ends it; null if it ends at once. */
export function endingLimit({ revocation }: ArmInfo): string | null {
  if (revocation === 'at-once') return null;
  if (revocation === 'at-expiry') return 'credentials stay valid until they expire';
  return `revoked credentials may stay valid for ${revocation.withinMs / 1000} s`;
}

/** `limitOf` for ending all credentials of a user: a session in the memory of another replica is out of reach. */
export function endingAllLimit(arm: ArmInfo): string | null {
  if (arm.needsStickyRouting) return 'each replica knows only its own sessions';
  return endingLimit(arm);
}

/** `limitOf` for rechecks: without shared state there is nothing current to check against. */
export function recheckLimit(arm: ArmInfo): string | null {
  if (arm.needsStickyRouting) return 'each replica knows only its own users’ state';
  return arm.serverState === 'none' ? 'the server stores no state to check' : null;
}

/** `limitOf` for critical operations with a credential that was revoked: some arms check it only then. */
export function criticalLimit(arm: ArmInfo): string | null {
  return arm.rechecksCredential === true ? null : endingLimit(arm);
}
