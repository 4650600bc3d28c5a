/** Honest pages of other origins: which of them can call the API with the user's credential and read the reply? */
import { Compile } from 'typebox/compile';
import { LoginReply, ROUTES } from '../../servers/contract.ts';
import type { User } from '../fleet/secrets.ts';
import { call, type Endpoint } from '../gate/http.ts';
import { type Victim, visit } from './attacks.ts';
import { APP, ORIGINS, type Origin, PARTNERS, urlOf } from './hosts.ts';
import { readMe } from './scripts.ts';

const loginReply = Compile(LoginReply);

export interface CrossOrigin {
  readonly origin: Origin;
  /** Whether the application's CORS list contains the page's origin. */
  readonly listed: boolean;
}

export const CROSS_ORIGINS: readonly CrossOrigin[] = (['same-site', 'cross-site'] as const).flatMap((origin) => [
  { origin, listed: true },
  { origin, listed: false },
]);

/**
 * @param bearer the page's token, or null if it relies on the browser's cookie
 * @returns whether the page could read the user's identity
 */
export async function callsFromElsewhere(
  { origin, listed }: CrossOrigin,
  victim: Victim,
  bearer: string | null,
): Promise<boolean> {
  const { stranger: page, witness, user } = victim;
  await visit(page, urlOf((listed ? PARTNERS : ORIGINS)[origin], witness.port));
  return (await page.evaluate(readMe(urlOf(APP, witness.port, ROUTES.me.path), bearer))) === user.username;
}

/** @returns a token as an API client gets it; null if the arm issues none */
export async function tokenFor(replica: Endpoint, user: User, ask: 'cookie' | 'token' | null): Promise<string | null> {
  const json = { username: user.username, password: user.password, ...(ask === null ? {} : { credential: ask }) };
  const { json: reply } = await call(replica, { ...ROUTES.login, json });
  return loginReply.Check(reply) ? (reply.accessToken ?? null) : null;
}

/**
 * Tries a client without a browser or cookies, such as an app or script: it sends only what the login's body contained.
 * @returns whether it could read its identity and make a transfer
 */
export async function plainClientWorks(
  replica: Endpoint,
  user: User,
  ask: 'cookie' | 'token' | null,
): Promise<boolean> {
  const token = await tokenFor(replica, user, ask);
  if (token === null) return false;
  const headers = { authorization: `Bearer ${token}` };
  const me = await call(replica, { ...ROUTES.me, headers });
  const paid = await call(replica, { ...ROUTES.transfer, headers, json: { to: 'plain-client', amount: 5 } });
  return me.status === 200 && paid.status === 200;
}
