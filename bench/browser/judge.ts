/** Decides whether an attack succeeded and what stopped it, from the behaviour of server and browser. Pure. */
import type { Seen } from './observations.ts';

/** Defences that can stop an attack. Each is reported only if it was observed. */
export type Stopper =
  | 'nothing'
  | 'HttpOnly'
  | 'closure'
  | 'key of the client'
  | 'SameSite'
  | 'third-party cookies blocked'
  | 'no credential by itself'
  | 'credential not taken from a cookie'
  | 'CSRF token'
  | 'JSON only'
  | 'CORS'
  | 'GET changes nothing'
  | 'refused otherwise';

export interface Outcome {
  readonly succeeded: boolean;
  /** Whether the browser sent a credential along. */
  readonly sent: boolean;
  readonly stoppedBy: Stopper;
}

/** The browser's cookies for the application during an attack. */
export interface BrowserState {
  /** The kind of cookie: one that the server accepts as a credential, or one that a page set itself. */
  readonly cookie: 'credential' | 'page' | 'none';
  /** The cookie's SameSite attribute; null without a cookie. */
  readonly sameSite: string | null;
}

/**
 * @param seen the requests of this trial, preflights included
 * @param victim the user whose money is transferred
 */
export function judgeTransfer(seen: readonly Seen[], state: BrowserState, victim: string): Outcome {
  const attempt = seen.find(({ preflight, method }) => !preflight && method === 'POST');
  if (attempt === undefined) {
    // The preflight was refused, so the request itself was never made.
    const asked = seen.some(({ preflight }) => preflight);
    return { succeeded: false, sent: false, stoppedBy: asked ? 'CORS' : 'refused otherwise' };
  }
  const sent = attempt.cookie || attempt.authorization;
  if (attempt.transferred?.from === victim) return { succeeded: true, sent, stoppedBy: 'nothing' };
  return { succeeded: false, sent, stoppedBy: stopperOf(attempt, state) };
}

/** Judges a GET, which changes nothing and so cannot succeed; it shows whether the request carried the user's credential. */
export function judgeGet(seen: readonly Seen[], state: BrowserState): Outcome {
  const attempt = seen.find(({ method }) => method === 'GET');
  if (attempt === undefined) return { succeeded: false, sent: false, stoppedBy: 'refused otherwise' };
  const sent = attempt.cookie || attempt.authorization;
  if (attempt.status === 200) return { succeeded: false, sent, stoppedBy: 'GET changes nothing' };
  return { succeeded: false, sent, stoppedBy: stopperOf(attempt, state) };
}

function stopperOf({ cookie, authorization, status, detail }: Seen, state: BrowserState): Stopper {
  if (!cookie && !authorization) {
    if (state.cookie === 'none') return 'no credential by itself';
    // A cookie with SameSite=None is not withheld because of its attribute.
    return state.sameSite === 'none' ? 'third-party cookies blocked' : 'SameSite';
  }
  if (status === 415) return 'JSON only';
  if (status === 403 && /csrf/i.test(detail)) return 'CSRF token';
  if (status === 401 && state.cookie === 'page') return 'credential not taken from a cookie';
  return 'refused otherwise';
}

/**
 * @param works whether a string that the script found works from outside the browser
 * @param foundToken whether one of them is still the user's token, which then lacks the key that it is bound to
 */
export function judgeRead(works: boolean, httpOnly: boolean, foundToken = false): Outcome {
  if (works) return { succeeded: true, sent: false, stoppedBy: 'nothing' };
  const stoppedBy = httpOnly ? 'HttpOnly' : foundToken ? 'key of the client' : 'closure';
  return { succeeded: false, sent: false, stoppedBy };
}
