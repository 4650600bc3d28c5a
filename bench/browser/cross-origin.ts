/** Honest pages of other origins: which of them can call the API with the user's credential and read the reply? */
import { Compile } from 'typebox/schema';
import { LoginReply, ROUTES } from '../../servers/contract.ts';
import type { User } from '../fleet/secrets.ts';
import { proven } from '../gate/attacks/proofs.ts';
import { type Call, call, type Endpoint } from '../gate/http.ts';
import { newProofKey } from '../load/connection/proof.ts';
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

/** @returns a token as an API client gets it, bound to the key if the arm binds any; null if the arm issues none */
export async function tokenFor(
  replica: Endpoint,
  user: User,
  ask: 'cookie' | 'token' | null,
  key = newProofKey(),
): Promise<string | null> {
  const json = { username: user.username, password: user.password, ...(ask === null ? {} : { credential: ask }) };
  const { json: reply } = await call(replica, proven(replica, { ...ROUTES.login, json }, key));
  return loginReply.Check(reply) ? (reply.accessToken ?? null) : null;
}

/**
 * Tries a client without a browser or cookies, such as an app or script: it sends only what the login's body contained, and
 * proofs of its own key where the token is bound to it.
 * @returns whether it could read its identity and make a transfer
 */
export async function plainClientWorks(
  replica: Endpoint,
  user: User,
  ask: 'cookie' | 'token' | null,
  isBound: boolean,
): Promise<boolean> {
  const key = newProofKey();
  const token = await tokenFor(replica, user, ask, key);
  if (token === null) return false;
  const headers = { authorization: `${isBound ? 'DPoP' : 'Bearer'} ${token}` };
  const send = (asked: Call) => call(replica, proven(replica, asked, key));
  const me = await send({ ...ROUTES.me, headers });
  const paid = await send({ ...ROUTES.transfer, headers, json: { to: 'plain-client', amount: 5 } });
  return me.status === 200 && paid.status === 200;
}
