/** Checks 12–18: the claims of tokens. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Forger, type Forgery, forgerOf } from '../../attacks/forge.ts';
import { type Json, readToken, writeToken } from '../../attacks/tokens.ts';
import { allOf, type Check, guards, verdict } from '../../check.ts';
import { secretOf, withSecret } from '../../client-session.ts';
import { earliestEndMs } from '../../ending.ts';
import { onceServed } from '../../once-served.ts';
import { readOnceServed } from '../../served.ts';
import { type GateTarget, isFor } from '../../target.ts';
import type { Which } from '../../which.ts';
import { needsToken } from './token-signature.ts';

const common = { family: 'token', quick: true, variant: 'standard', appliesTo: needsToken } as const;
const REPLICAS: readonly Which[] = [0, 1];

/** A check of tokens that are signed with the arm's own key but have wrong claims, none of which may be accepted. */
function refusesClaims(
  check: Pick<Check, 'id' | 'name' | 'refs'>,
  wrong: (claims: Json, nowSeconds: number) => readonly (readonly [what: string, claims: Json])[],
): Check {
  return {
    ...common,
    ...check,
    async run(target) {
      const forger = await forgerOf(target);
      const { header, claims } = forger.token;
      const forgeries = wrong(claims, Math.floor(Date.now() / 1000)).map(
        ([what, changed]): Forgery => [what, writeToken(header, changed, forger.sign)],
      );
      return verdict(await forger.faults(forgeries), `${forgeries.length} well-signed tokens were refused`);
    },
  };
}

function without(claims: Json, name: string): Json {
  return Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
}

/** Names of fields that no token should contain, since anybody who has a token can read it. */
const SENSITIVE = /pass|pwd|^pw$|secret|hash|salt|mail|phone|birth|address|ssn|iban|card/i;

/** Returns every name and every text in a value, at any depth. */
function namesAndTexts(value: unknown): { names: string[]; texts: string[] } {
  if (typeof value !== 'object' || value === null) return { names: [], texts: [String(value)] };
  const inner = Object.values(value).map(namesAndTexts);
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return { names: [...own, ...inner.flatMap(({ names }) => names)], texts: inner.flatMap(({ texts }) => texts) };
}

/** Returns a fault for each token that is accepted in the place of another kind. */
async function purposeFaults(target: GateTarget, { session, token, sign }: Forger): Promise<string[]> {
  const faults: string[] = [];
  const { accessToken, refreshToken } = session;
  if (refreshToken === null || accessToken === null) return ['the login gave no pair of tokens'];
  for (const which of REPLICAS) {
    const read = await readOnceServed(target, which, withSecret(session, refreshToken));
    if (read.status !== 401) faults.push(`a refresh token as access token got ${read.status}`);
    const renewed = await onceServed(() => target.refresh(which, accessToken));
    if (renewed.status !== 401) faults.push(`an access token as refresh token got ${renewed.status}`);
  }
  // A token of the same key for another purpose, such as a confirmation link: it has no roles.
  const { sub, jti, iss, aud, exp, iat } = token.claims;
  const other = writeToken(token.header, { sub, jti, iss, aud, exp, iat, purpose: 'confirm' }, sign);
  const { status } = await readOnceServed(target, 0, withSecret(session, other));
  if (status !== 401) faults.push(`a token of another purpose got ${status}`);
  const control = await onceServed(() => target.refresh(0, refreshToken));
  if (control.status !== 200) faults.push(`the refresh token itself got ${control.status}`);
  return faults;
}

const USERS_AT_ONCE = 4;
const ROUNDS = 5;
/** A margin after the expiry, since a token's times are whole seconds. */
const SURELY_OVER_MS = 150;

export const TOKEN_CLAIMS: readonly Check[] = [
  refusesClaims(
    { id: 12, name: 'refuses tokens that have expired, or never do', refs: ['ASVS 9.2.1', 'RFC 7519 §4.1.4'] },
    (claims, now) => [
      ['a token that expired an hour ago', { ...claims, iat: now - 7_200, exp: now - 3_600 }],
      ['a token that expired two seconds ago', { ...claims, iat: now - 60, exp: now - 2 }],
      ['a token that expired in 1970', { ...claims, exp: 0 }],
      ['a token without exp', without(claims, 'exp')],
      ['a token with exp null', { ...claims, exp: null }],
      ['a token with exp as text', { ...claims, exp: String(now + 3_600) }],
    ],
  ),
  refusesClaims(
    { id: 13, name: 'refuses tokens before their time', refs: ['ASVS 9.2.1', 'RFC 7519 §4.1.5'] },
    (claims, now) => [
      ['a token that is not yet valid for a minute', { ...claims, nbf: now + 60 }],
      ['a token that is not yet valid for a year', { ...claims, nbf: now + 31_536_000 }],
    ],
  ),
  refusesClaims({ id: 14, name: 'refuses tokens of other issuers', refs: ['RFC 8725 §3.8'] }, (claims) => [
    ['a token of another issuer', { ...claims, iss: 'https://issuer.example' }],
    ['a token of an issuer whose name begins alike', { ...claims, iss: `${String(claims.iss)}.example` }],
    ['a token with an empty issuer', { ...claims, iss: '' }],
    ['a token without iss', without(claims, 'iss')],
  ]),
  refusesClaims(
    { id: 15, name: 'refuses tokens for other audiences', refs: ['ASVS 9.2.3', 'RFC 8725 §3.9'] },
    (claims) => [
      ['a token for another audience', { ...claims, aud: 'another-service' }],
      ['a token for two other audiences', { ...claims, aud: ['one-service', 'another-service'] }],
      ['a token for an audience whose name begins alike', { ...claims, aud: `${String(claims.aud)}-admin` }],
      ['a token without aud', without(claims, 'aud')],
      ['a token for no audience', { ...claims, aud: [] }],
    ],
  ),
  {
    ...common,
    id: 16,
    name: 'keeps access tokens, refresh tokens and others apart',
    refs: ['ASVS 9.2.2', 'RFC 8725 §3.11'],
    appliesTo: (arm) => allOf(guards(arm), arm.refreshTokens === true || 'there is no refresh token'),
    run: async (target) =>
      verdict(await purposeFaults(target, await forgerOf(target)), 'each token was refused in the place of another'),
  },
  {
    ...common,
    id: 17,
    quick: false,
    variant: 'brief',
    name: 'keeps verified tokens tied to their user and expiry',
    refs: ['GHSA-rp9m-7r4c-75qg', 'ASVS 9.2.1'],
    async run(target) {
      const users = Array.from({ length: USERS_AT_ONCE }, () => target.freshUser());
      const all = await Promise.all(users.map((user) => target.login(0, user, { credential: 'token' })));
      const faults = new Set<string>();
      for (let round = 0; round < ROUNDS; round++) {
        for (const session of all) {
          const answer = await readOnceServed(target, 0, session);
          // The tokens are short-lived, so on a slow machine one may expire during these rounds; tokens count in whole seconds.
          const mayBeOver = answer.answeredAtMs > earliestEndMs(target, session) - 1_000;
          if (isFor(answer, session.user) || (mayBeOver && answer.status === 401)) continue;
          faults.add(
            answer.status === 200
              ? "one user's token was answered for another"
              : `a verified token got ${answer.status}`,
          );
        }
      }
      const overAtMs = Math.max(...all.map((session) => target.endsAtMs(session))) + SURELY_OVER_MS;
      await sleep(Math.max(0, overAtMs - performance.now()));
      for (const which of REPLICAS) {
        for (const session of all) {
          const { status } = await readOnceServed(target, which, session);
          if (status !== 401) faults.add(`an expired token that was verified before got ${status}`);
        }
      }
      return verdict([...faults], 'verified tokens kept their users apart, and ended in time');
    },
  },
  {
    ...common,
    id: 18,
    name: 'puts nothing sensitive into its tokens',
    refs: ['RFC 8725 §3.12', 'ASVS 14.2.6'],
    async run(target) {
      const session = await target.login(0, target.freshUser(), { credential: 'token' });
      const token = readToken(secretOf(session) ?? '');
      const { names, texts } = namesAndTexts([token.header, token.claims]);
      const { password, record } = session.user;
      const faults = names.filter((name) => SENSITIVE.test(name)).map((name) => `the token has a field ${name}`);
      const secrets = [password, record.passwordHash, ...record.passwordHash.split('$').slice(-2)];
      if (texts.some((text) => secrets.some((secret) => text.includes(secret))))
        faults.push('the token holds the password or its hash');
      return verdict(faults, `the token holds ${Object.keys(token.claims).join(', ')}`);
    },
  },
];
