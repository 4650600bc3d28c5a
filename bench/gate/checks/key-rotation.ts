/** Check 69: keys are replaced while clients are logged in, as at a rolling restart, and then the old keys are removed. */

import type { Secrets } from '../../../servers/configuration.ts';
import { ROUTES } from '../../../servers/contract.ts';
import { makeSecrets } from '../../fleet/secrets.ts';
import { type Forgery, signerOf } from '../attacks/forge.ts';
import { hmacWith, readToken, type Sign, type Token, writeToken } from '../attacks/tokens.ts';
import { allOf, type Check, guards, verdict } from '../check.ts';
import { type ClientSession, clientSessionFrom, follow, headersOf, secretOf, withSecret } from '../client-session.ts';
import { endOnceServed } from '../end-credential.ts';
import type { Answer } from '../http.ts';
import { onceServed } from '../once-served.ts';
import { readOnceServed } from '../served.ts';
import type { GateTarget } from '../target.ts';
import type { Which } from '../which.ts';

const REPLICAS: readonly Which[] = [0, 1];
/** It starts four servers. */
const TIMEOUT_MS = 90_000;

/** Returns new keys, which sign, together with the old ones, which only verify. */
async function afterRotation(old: Secrets): Promise<Secrets> {
  const { hmacKey, cookieKey, rsaPublicKey, ecPublicKey, edPublicKey } = old;
  return { ...(await makeSecrets()), previous: { hmacKey, cookieKey, rsaPublicKey, ecPublicKey, edPublicKey } };
}

/** The clients at one point in time: an ordinary user, and the administrator. */
interface Clients {
  readonly user: ClientSession;
  readonly admin: ClientSession;
}

async function logIn(target: GateTarget): Promise<Clients> {
  return { user: await target.login(0, target.freshUser()), admin: await target.login(1, target.admin) };
}

type Attempt = readonly [route: string, ask: (which: Which) => Promise<Answer>];

/** One request for each kind of route that does not end its credential. */
function harmless(target: GateTarget, { user, admin }: Clients): Attempt[] {
  return [
    ['GET /me', (which) => target.read(which, user)],
    ['POST /transfer', (which) => target.write(which, user)],
    ['GET /admin', (which) => target.read(which, admin, ROUTES.admin.path)],
  ];
}

/** One request for every kind of route; those that end credentials come last. */
function allRoutes(target: GateTarget, clients: Clients, victim: ClientSession): Attempt[] {
  const { user, admin } = clients;
  const { refreshToken } = user;
  const disable = ROUTES.disableUser.path.replace(':id', victim.user.record.id);
  return [
    ...harmless(target, clients),
    ...(refreshToken === null ? [] : [['POST /refresh', (which) => target.refresh(which, refreshToken)] as Attempt]),
    ['POST /admin/users/:id/disable', (which) => target.write(which, admin, disable)],
    ['POST /logout', (which) => target.write(which, user, ROUTES.logout.path)],
    ['POST /logout-all', (which) => target.write(which, user, ROUTES.logoutAll.path)],
  ];
}

/** @returns a fault for each attempt that a replica answers with another status */
async function faultsOf(what: string, status: number, attempts: readonly Attempt[]): Promise<string[]> {
  const faults: string[] = [];
  for (const [route, ask] of attempts) {
    for (const which of REPLICAS) {
      const answer = await onceServed(() => ask(which));
      if (answer.status !== status) faults.push(`${what}: ${route} returned ${answer.status}`);
    }
  }
  return [...new Set(faults)];
}

/** Returns a token with its signer; null if the credential is not a JSON Web Token of an algorithm that the gate can sign. */
function tokenOf(session: ClientSession, secrets: Secrets): { readonly token: Token; readonly sign: Sign } | null {
  try {
    const token = readToken(secretOf(session) ?? '');
    return { token, sign: signerOf(token.header.alg, secrets) };
  } catch {
    return null;
  }
}

/** Returns tokens that mislead a server about which key signed them; none unless its tokens name their key. */
function misleading(old: { readonly token: Token; readonly sign: Sign }, newKeyId: unknown): Forgery[] {
  const { header, claims } = old.token;
  const { kid, ...unnamed } = header;
  if (typeof kid !== 'string') return [];
  return [
    ['the old key under the name of the new one', writeToken({ ...header, kid: newKeyId }, claims, old.sign)],
    ['the old key under no name', writeToken(unnamed, claims, old.sign)],
    ['the old key under an unknown name', writeToken({ ...header, kid: 'unknown' }, claims, old.sign)],
    ['the old key under a list of names', writeToken({ ...header, kid: [kid, newKeyId] }, claims, old.sign)],
    ['an empty key under the name of the old one', writeToken(header, claims, hmacWith(''))],
  ];
}

async function faultsOfTokens(
  when: string,
  target: GateTarget,
  session: ClientSession,
  forgeries: readonly Forgery[],
): Promise<string[]> {
  const faults = forgeries.map(([what, text]) =>
    faultsOf(`${when}, ${what}`, 401, [['GET /me', (which) => target.read(which, withSecret(session, text))]]),
  );
  return (await Promise.all(faults)).flat();
}

/**
 * Returns the old client's credential as renewed by the new servers, by a refresh or a cookie; null if they renew
 * none.
 */
async function renewed(target: GateTarget, old: ClientSession): Promise<ClientSession | null> {
  const { refreshToken } = old;
  if (refreshToken !== null) {
    const answer = await onceServed(() => target.refresh(0, refreshToken));
    return answer.status === 200 ? clientSessionFrom(old.user, answer) : null;
  }
  const session = follow(old, await readOnceServed(target, 0, old));
  return headersOf(session).cookie === headersOf(old).cookie ? null : session;
}

/** Uses of a renewed credential, except its CSRF token, which only a login renews. */
function usesOf(target: GateTarget, session: ClientSession): Attempt[] {
  const { refreshToken } = session;
  return [
    ['GET /me', (which) => target.read(which, session)],
    ...(refreshToken === null ? [] : [['POST /refresh', (which) => target.refresh(which, refreshToken)] as Attempt]),
  ];
}

/** @returns a fault unless the refresh token is exchanged; once, since a used one counts only for a while */
async function refreshFaults(what: string, target: GateTarget, { refreshToken }: ClientSession): Promise<string[]> {
  if (refreshToken === null) return [];
  const { status } = await onceServed(() => target.refresh(0, refreshToken));
  return status === 200 ? [] : [`${what}: POST /refresh returned ${status}`];
}

async function run(target: GateTarget) {
  const old = await logIn(target);
  // This one is never refreshed, so only its key can be the reason for a refusal.
  const unused = await logIn(target);
  const leaving = await target.login(0, target.freshUser());
  const keys = await afterRotation(target.secrets);
  const { previous: _, ...withoutOld } = keys;

  const rotated = await target.withKeys(keys);
  const fresh = await logIn(rotated);
  const oldToken = tokenOf(old.user, target.secrets);
  const forged = oldToken === null ? [] : misleading(oldToken, tokenOf(fresh.user, keys)?.token.header.kid);
  const faults = [
    ...(await faultsOf('while the old key is kept, an old credential', 200, harmless(rotated, old))),
    ...(await faultsOf('while the old key is kept, a new credential', 200, harmless(rotated, fresh))),
    ...(await faultsOfTokens('while the old key is kept', rotated, old.user, forged)),
    ...(await faultsOf('where only the old key is known, a new credential', 401, allRoutes(target, fresh, old.user))),
  ];
  const later = await renewed(rotated, old.user);
  if (later !== null)
    faults.push(
      ...(await faultsOf('where only the old key is known, a renewed credential', 401, usesOf(target, later))),
    );
  else if (old.user.refreshToken !== null) faults.push('while the old key is kept, an old refresh token was refused');
  const logout = await endOnceServed(() => rotated.write(1, leaving, ROUTES.logout.path));
  if (!logout.hasEnded) faults.push(`while the old key is kept, POST /logout returned ${logout.answer.status}`);

  const final = await target.withKeys(withoutOld);
  const removed = allRoutes(final, unused, fresh.user);
  faults.push(
    ...(await faultsOf('after the old key was removed, an old credential', 401, removed)),
    ...(await faultsOfTokens('after the old key was removed', final, old.user, forged)),
    ...(await faultsOf('after the old key was removed, a new credential', 200, harmless(final, fresh))),
    ...(await refreshFaults('after the old key was removed, a new credential', final, fresh.user)),
  );
  if (later !== null) {
    const what = 'after the old key was removed, a renewed credential';
    const reads: Attempt[] = [['GET /me', (which) => final.read(which, later)]];
    faults.push(...(await faultsOf(what, 200, reads)), ...(await refreshFaults(what, final, later)));
  }
  const kinds = `${removed.length} kinds of route`;
  return verdict(
    [...new Set(faults)],
    `an old credential was accepted while its key was kept, and then refused on ${kinds}${later === null ? '' : ' unless it was renewed'}`,
  );
}

export const KEY_ROTATION: readonly Check[] = [
  {
    id: 69,
    name: 'a rotation of keys keeps credentials, and a removed key ends them',
    family: 'keys',
    refs: ['ASVS 9.1.3', 'ASVS 11.2.2', 'ASVS 13.3.4', 'RFC 7515 §4.1.4'],
    quick: false,
    variant: 'standard',
    timeoutMs: TIMEOUT_MS,
    appliesTo: (arm) =>
      allOf(
        guards(arm),
        arm.serverState !== 'process' ||
          'its sessions end with the process, which cannot change its keys while it runs',
        !(arm.companions ?? []).includes('issuer') ||
          'its tokens are those of an authorization server, which keeps its keys when these servers start anew',
      ),
    run,
  },
];
