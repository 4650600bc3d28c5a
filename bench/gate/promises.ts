/** What an arm's description means for the checks. Pure. */
import type { ArmInfo } from '../../servers/contract.ts';
import type { Which } from './which.ts';

/** Whether the credential is a cookie, which a browser sends by itself. */
export const isCookie = (arm: ArmInfo): boolean => arm.needsCsrfProtection;

/** Whether the arm gives either a cookie or a token, as the client asks. */
export const hasBothCredentials = (arm: ArmInfo): boolean =>
  isCookie(arm) && arm.crossOrigin && arm.tokenAlgorithm !== undefined;

/** The arm as a client sees it that asks for a token: nothing of it is sent by a browser by itself. */
export const asTokens = (arm: ArmInfo): ArmInfo => ({ ...arm, needsCsrfProtection: false });

/** Whether the cookie is a reference to what the server keeps. */
export const isReference = (arm: ArmInfo): boolean => isCookie(arm) && arm.serverState !== 'none';

/** For `appliesTo`. */
export function needsCookie(arm: ArmInfo): true | string {
  return isCookie(arm) || 'no cookie carries the credential';
}

/** For `appliesTo`. */
export function needsReference(arm: ArmInfo): true | string {
  if (isReference(arm)) return true;
  return isCookie(arm) ? 'the cookie holds the session itself, not a reference to it' : 'no session id is handed out';
}

/** The replicas on which a credential from this one is good. */
export function homeOf(arm: ArmInfo, issuedBy: Which): readonly Which[] {
  return arm.needsStickyRouting ? [issuedBy] : [0, 1];
}

/** `limitOf` for the end of one credential on the replica that ends it; null where it ends at once. */
export function endingLimit({ revocation }: ArmInfo): string | null {
  if (revocation === 'at-once') return null;
  if (revocation === 'at-expiry') return 'what was issued lives on until it expires';
  return `what was ended may live on for ${revocation.withinMs / 1000} s`;
}

/** The same for the end of all that a user holds: a session in the memory of another replica is out of reach. */
export function endingAllLimit(arm: ArmInfo): string | null {
  if (arm.needsStickyRouting) return 'each replica knows its own sessions alone';
  return endingLimit(arm);
}

/** Where nothing is shared there is no current state to check against. */
export function recheckLimit(arm: ArmInfo): string | null {
  if (arm.needsStickyRouting) return 'each replica knows its own users’ state alone';
  return arm.serverState === 'none' ? 'nothing is kept that could be asked' : null;
}
