/** How long a credential of a service is valid, as far as the service tells. Pure. */
import { readToken } from '../../bench/gate/attacks/tokens.ts';
import type { ServiceConfig } from '../config/schema.ts';
import type { LoggedIn } from './login.ts';
import { cookieOf } from './requests.ts';

type Login = Pick<ServiceConfig['login'], 'credential'>;

const numberAt = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null);

/** Seconds by the clock of the service; null for anything but a signed token with these claims. */
function timesIn(
  login: Login,
  { cookies, token }: LoggedIn,
): { readonly iat: number | null; readonly exp: number } | null {
  const text = (cookieOf(login) === null ? token : cookies[0]?.value) ?? '';
  try {
    const { iat, exp } = readToken(text).claims;
    const end = numberAt(exp);
    return end === null ? null : { iat: numberAt(iat), exp: end };
  } catch {
    return null;
  }
}

/** @returns ms since the epoch, by the login's `expiresInSeconds`, or by the `exp` of a token; null without either */
export function endsAtMs(login: Login, session: LoggedIn, nowMs = Date.now()): number | null {
  if (session.expiresInSeconds !== null) return nowMs + 1000 * session.expiresInSeconds;
  const times = timesIn(login, session);
  return times === null ? null : 1000 * times.exp;
}

/** @returns ms from a login to the expiry of its credential, rounded up; null if the service does not tell */
export function lifetimeMs(login: Login, session: LoggedIn, nowMs = Date.now()): number | null {
  if (session.expiresInSeconds !== null) return Math.ceil(1000 * session.expiresInSeconds);
  const times = timesIn(login, session);
  if (times === null) return null;
  // Both are whole seconds, so the time from now would be too short by a fraction of a second.
  const seconds = times.iat === null ? Math.ceil(times.exp - nowMs / 1000) : times.exp - times.iat;
  return seconds > 0 ? Math.ceil(1000 * seconds) : null;
}
