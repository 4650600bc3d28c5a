/** What came of an attack, and what stopped it: from what server and browser were seen to do. Pure. */
import type { Seen } from './witness.ts';

/** What can stand in an attack's way. Each is told only where it was seen to. */
export type Stopper =
  | 'nothing'
  | 'HttpOnly'
  | 'closure'
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

/** What the browser holds for the application while it is attacked. */
export interface Held {
  /** A cookie that the server takes as credential, or one that a page set itself. */
  readonly cookie: 'credential' | 'page' | 'none';
  /** What the cookie says of other sites; null where there is none. */
  readonly sameSite: string | null;
}

/**
 * @param seen the requests of this trial, preflights included
 * @param victim whose money it is
 */
export function judgeTransfer(seen: readonly Seen[], held: Held, victim: string): Outcome {
  const attempt = seen.find(({ preflight, method }) => !preflight && method === 'POST');
  if (attempt === undefined) {
    // Asked for leave first and was given none, so the request itself was never made.
    const asked = seen.some(({ preflight }) => preflight);
    return { succeeded: false, sent: false, stoppedBy: asked ? 'CORS' : 'refused otherwise' };
  }
  const sent = attempt.cookie || attempt.authorization;
  if (attempt.transferred?.from === victim) return { succeeded: true, sent, stoppedBy: 'nothing' };
  return { succeeded: false, sent, stoppedBy: stopperOf(attempt, held) };
}

/** A GET changes nothing here, and so cannot succeed; whether it came in the user's name is what it shows. */
export function judgeGet(seen: readonly Seen[], held: Held): Outcome {
  const attempt = seen.find(({ method }) => method === 'GET');
  if (attempt === undefined) return { succeeded: false, sent: false, stoppedBy: 'refused otherwise' };
  const sent = attempt.cookie || attempt.authorization;
  if (attempt.status === 200) return { succeeded: false, sent, stoppedBy: 'GET changes nothing' };
  return { succeeded: false, sent, stoppedBy: stopperOf(attempt, held) };
}

function stopperOf({ cookie, authorization, status, detail }: Seen, held: Held): Stopper {
  if (!cookie && !authorization) {
    if (held.cookie === 'none') return 'no credential by itself';
    // A cookie that says None is not kept back for what it says.
    return held.sameSite === 'none' ? 'third-party cookies blocked' : 'SameSite';
  }
  if (status === 415) return 'JSON only';
  if (status === 403 && /csrf/i.test(detail)) return 'CSRF token';
  if (status === 401 && held.cookie === 'page') return 'credential not taken from a cookie';
  return 'refused otherwise';
}

/** @param works whether anything that the script found works from outside the browser */
export function judgeRead(works: boolean, httpOnly: boolean): Outcome {
  if (works) return { succeeded: true, sent: false, stoppedBy: 'nothing' };
  return { succeeded: false, sent: false, stoppedBy: httpOnly ? 'HttpOnly' : 'closure' };
}
