/** Checks 85–87: an edge that exchanges opaque tokens for signed ones, and the replica behind it. */
import { createHash, createPublicKey } from 'node:crypto';
import { type ArmInfo, ROUTES, SERVICE_TOKEN } from '../../../../servers/contract.ts';
import type { User } from '../../../fleet/secrets.ts';
import { signerOf } from '../../attacks/forge.ts';
import { hmacWith, type Json, writeToken } from '../../attacks/tokens.ts';
import { allOf, type Check, fail, guards, pass, verdict } from '../../check.ts';
import { secretOf } from '../../client-session.ts';
import type { Call } from '../../http.ts';
import { onceServed } from '../../once-served.ts';
import { type GateTarget, isFor } from '../../target.ts';
import type { Which } from '../../which.ts';

const hasEdge = (arm: ArmInfo): true | string =>
  allOf(guards(arm), arm.hasEdge === true || 'its replicas have no edge');

const common = { family: 'token', appliesTo: hasEdge } as const;
const LIFETIME_SECONDS = 60;

/** The name of the authorization server's key: the thumbprint of its public half (RFC 7638 §3). */
function keyIdOf(publicKey: string): string {
  const { e, kty, n } = createPublicKey(publicKey).export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url');
}

/** Signs tokens for services as the authorization server does, with some header fields or claims changed. */
function signerFor({ secrets }: GateTarget, { record: { id, username, roles } }: User) {
  const sign = signerOf('RS256', secrets);
  const kid = keyIdOf(secrets.rsaPublicKey);
  return (header: Json = {}, claims: Json = {}, make = sign): string => {
    const iat = Math.floor(Date.now() / 1000);
    const { typ, iss, aud } = SERVICE_TOKEN;
    const about = { sub: id, username, roles, jti: crypto.randomUUID(), sid: crypto.randomUUID() };
    const times = { iat, exp: iat + LIFETIME_SECONDS };
    return writeToken({ alg: 'RS256', typ, kid, ...header }, { ...about, iss, aud, ...times, ...claims }, make);
  };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const me = (headers: NonNullable<Call['headers']>, path: string = ROUTES.me.path): Call => ({
  method: 'GET',
  path,
  headers,
});

async function opaqueOf(target: GateTarget, user: User): Promise<string> {
  const token = secretOf(await target.login(0, user));
  if (token === null) throw new Error('the login gave no token');
  return token;
}

/** Claims that only an edge or a service may make, sent by a client. */
const saidOf = ({ record: { id, username } }: User): readonly (readonly [name: string, value: string])[] => [
  ['x-forwarded-user', username],
  ['x-forwarded-email', username],
  ['x-tollgate-identity', Buffer.from(JSON.stringify({ id, username })).toString('base64url')],
  ['x-forwarded-client-cert', `Subject="CN=${username}"`],
];

/** A name that belongs to no user. */
const stranger = (n: number) => ({ username: `none-${n}`, password: 'wrong password' });

export const EDGE: readonly Check[] = [
  {
    ...common,
    id: 85,
    name: 'an edge does not forward a token from a client',
    refs: ['RFC 9700 §4.13', 'ASVS 4.1.3'],
    quick: true,
    variant: 'standard',
    async run(target) {
      const [user, victim] = [target.freshUser(), target.admin];
      const opaque = await opaqueOf(target, user);
      const token = signerFor(target, victim)();
      const faults: string[] = [];
      const control = await onceServed(() => target.callBehind(0, me(bearer(token))));
      // The edge's refusal proves something only if the replica would accept the token.
      if (!isFor(control, victim)) faults.push(`behind the edge the token got ${control.status}`);
      const attempts: readonly (readonly [what: string, call: Call])[] = [
        ['a signed token', me(bearer(token))],
        ['a signed token under a scheme in lower case', me({ authorization: `bearer ${token}` })],
        ['a signed token in the place of another scheme', me({ authorization: `DPoP ${token}` })],
        ['a signed token in another header', me({ 'x-forwarded-authorization': `Bearer ${token}` })],
        ['a signed token for the next proxy', me({ 'proxy-authorization': `Bearer ${token}` })],
        ['a signed token in the query', me({}, `${ROUTES.me.path}?access_token=${token}`)],
        ['a signed token after an opaque one', me(bearer(`${opaque}, Bearer ${token}`))],
        ['a signed token for a critical operation', { ...ROUTES.logoutAll, headers: bearer(token) }],
      ];
      for (const which of [0, 1] as const) {
        for (const [what, call] of attempts) {
          const { status } = await onceServed(() => target.call(which, call));
          if (status !== 401) faults.push(`${what} got ${status}`);
        }
        const both = me([
          ['authorization', `Bearer ${opaque}`],
          ['authorization', `Bearer ${token}`],
        ]);
        const twice = await onceServed(() => target.call(which, both));
        if (twice.status !== 401 && !isFor(twice, user)) faults.push('of two credentials the second counted');
      }
      return verdict([...new Set(faults)], 'a token that the replica accepts was refused by the edge in eight forms');
    },
  },
  {
    ...common,
    id: 86,
    name: 'a replica behind an edge accepts tokens for services, and nothing else',
    refs: ['RFC 9068 §4', 'RFC 8725 §3.9', 'RFC 8725 §3.11', 'ASVS 9.2.2', 'ASVS 9.2.3', 'ASVS 9.2.4'],
    quick: true,
    variant: 'standard',
    async run(target) {
      const user = target.freshUser();
      const opaque = await opaqueOf(target, user);
      const sign = signerFor(target, user);
      const faults: string[] = [];
      const now = Math.floor(Date.now() / 1000);
      const attempts: readonly (readonly [what: string, headers: NonNullable<Call['headers']>])[] = [
        ['a request without a token', {}],
        ['an opaque token', bearer(opaque)],
        ['a token for clients', bearer(sign({}, { aud: 'tollgate' }))],
        ['a token for somebody else', bearer(sign({}, { aud: 'https://other.invalid' }))],
        ['a token for nobody', bearer(sign({}, { aud: undefined }))],
        ['a token of another issuer', bearer(sign({}, { iss: 'https://other.invalid' }))],
        ['an ID token', bearer(sign({ typ: 'JWT' }))],
        ['a token of no type', bearer(sign({ typ: undefined }))],
        ['a reply to an introspection', bearer(sign({ typ: 'token-introspection+jwt' }))],
        ['an expired token', bearer(sign({}, { iat: now - 60, exp: now - 30 }))],
        ['a token that never ends', bearer(sign({}, { exp: undefined }))],
        ['an unsigned token', bearer(sign({ alg: 'none' }, {}, () => ''))],
        [
          'a token with the public key as a secret',
          bearer(sign({ alg: 'HS256' }, {}, hmacWith(target.secrets.rsaPublicKey))),
        ],
        ...saidOf(target.admin).map(([name, value]) => [`the header ${name}`, { [name]: value }] as const),
      ];
      for (const which of [0, 1] as const) {
        for (const [what, headers] of attempts) {
          const { status } = await onceServed(() => target.callBehind(which, me(headers)));
          if (status !== 401) faults.push(`${what} got ${status}`);
        }
        const control = await onceServed(() => target.callBehind(which, me(bearer(sign()))));
        if (!isFor(control, user)) faults.push(`a token for services got ${control.status}`);
      }
      return verdict([...new Set(faults)], `${attempts.length} other credentials were refused behind the edge`);
    },
  },
  {
    ...common,
    id: 87,
    name: 'headers that only an edge may send are ignored from a client',
    refs: ['RFC 9700 §4.13', 'RFC 9110 §7.6.1', 'ASVS 4.1.3'],
    quick: false,
    variant: 'addressed',
    alone: true,
    async run(target) {
      const user = target.freshUser();
      const opaque = await opaqueOf(target, user);
      for (const [name, value] of saidOf(target.admin)) {
        const named = await onceServed(() => target.call(0, me({ ...bearer(opaque), [name]: value })));
        if (!isFor(named, user)) return fail(`with ${name} the token of a user got ${named.status}`);
        const { status } = await onceServed(() => target.call(0, me({ [name]: value })));
        if (status !== 401) return fail(`${name} in place of a token got ${status}`);
      }
      const allowed = target.settings.failedLoginsPerAddress ?? 0;
      const forms: readonly ((address: string) => Record<string, string>)[] = [
        (address) => ({ 'x-forwarded-for': address }),
        (address) => ({ x_forwarded_for: address }),
        (address) => ({ 'x-real-ip': address, forwarded: `for=${address}` }),
        (address) => ({ connection: 'keep-alive, x-forwarded-for', 'x-forwarded-for': address }),
      ];
      // Each form continues from the previous count: whatever they claim, all come from one address.
      for (let failures = 0; failures < allowed + forms.length; failures++) {
        const form = forms[failures % forms.length];
        const headers = form?.(`198.51.100.${failures + 1}`) ?? {};
        const { status } = await target.tryLogin(FIRST, stranger(failures), headers);
        if (failures < allowed && status !== 401) return fail(`a wrong password got ${status}`);
        if (failures >= allowed && status !== 429)
          return fail(
            `${failures + 1} failed logins by one client were allowed under different addresses; the limit is ${allowed}`,
          );
      }
      return pass(`after ${allowed} failed logins a client was refused, whatever address it claimed`);
    },
  },
];

const FIRST: Which = 0;
