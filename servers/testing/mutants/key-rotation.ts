/** Mutants of key rotation: schemes that treat new, old or removed keys wrongly, and are correct until keys change. */
import { createHash, randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Secrets } from '../../configuration.ts';
import { CSRF_HEADER } from '../../contract.ts';
import { createCsrf } from '../../csrf.ts';
import { Forbidden, Unauthenticated } from '../../errors.ts';
import { secretBytes } from '../../keys.ts';
import { redisOf, type Scheme, type SchemeContext } from '../../scheme.ts';
import { refreshTokens } from '../../schemes/refresh-token.ts';
import { readCookie, sessionCookieName } from '../../schemes/session-cookie.ts';
import { signingKeys } from '../../schemes/signing-keys.ts';
import { alsoAccepts, claimsFit, hmac, type ReadToken, readBearer } from '../jwt-tools.ts';
import { alsoAcceptsSession, idInCookie, signedCookie } from '../lean-tools.ts';
import type { Mutant } from '../mutant.ts';

type KeyName = 'hmacKey' | 'cookieKey';

/** Swaps the newest key with the one before it. */
function swapped(name: KeyName): NonNullable<Mutant['context']> {
  return (context) => {
    const { secrets } = context;
    const old = secrets.previous?.[name];
    if (old === undefined) return context;
    return { ...context, secrets: { ...secrets, [name]: old, previous: { [name]: secrets[name] } } };
  };
}

function withoutPrevious(secrets: Secrets): Secrets {
  const { previous: _, ...current } = secrets;
  return current;
}

interface KeptKey {
  /** Writes the previous key to the store, if this replica knows one. */
  keep(): Promise<void>;
  /** Returns the key that another replica stored; null if there is none, or it is this replica's own. */
  read(): Promise<string | null>;
}

/** The previous key, stored in Redis by replicas that know it for replicas that must no longer know it. */
function keptKey(context: SchemeContext, name: KeyName): KeptKey {
  const { client, prefix } = redisOf(context);
  const at = `${prefix}kept-${name}`;
  const { secrets } = context;
  return {
    async keep() {
      const old = secrets.previous?.[name];
      if (old !== undefined) await client.set(at, old);
    },
    async read() {
      const kept = secrets.previous === undefined ? await client.get(at) : null;
      return kept === secrets[name] ? null : kept;
    },
  };
}

function keeping(real: Scheme, kept: KeptKey): Scheme {
  return {
    ...real,
    async install(scope) {
      await kept.keep();
      await real.install(scope);
    },
  };
}

const isSignedWith = ({ signed, signature }: ReadToken, key: Buffer | string) => signature === hmac(key, signed);

/** The bytes of a key that a replica stored. */
const bytesOf = (key: string) => secretBytes(key, 'kept key');

export const KEY_ROTATION_MUTANTS: readonly Mutant[] = [
  {
    name: 'oldest-key-signs',
    arm: 'jwt-hs256',
    check: 69,
    hole: 'After a rotation new tokens are still signed with the old key.',
    context: swapped('hmacKey'),
  },
  {
    name: 'sealing-key-not-rotated',
    arm: 'session-sealed',
    check: 69,
    hole: 'After a rotation cookies are still sealed with the old key.',
    context: swapped('cookieKey'),
  },
  {
    name: 'only-newest-key-tried',
    arm: 'session-redis-lean',
    check: 69,
    hole: 'A rotation logs everybody out: cookies are compared with the newest key only.',
    context: (context) => ({ ...context, secrets: withoutPrevious(context.secrets) }),
  },
  {
    name: 'removed-key-accepted',
    arm: 'jwt-denylist',
    check: 69,
    hole: 'Keys that were known once are kept in a store that nobody clears, and go on verifying.',
    scheme(real, context) {
      const kept = keptKey(context, 'hmacKey');
      const lenient = alsoAccepts(real, async (token) => {
        const key = await kept.read();
        return key !== null && isSignedWith(token, bytesOf(key)) && claimsFit(token.claims, context.now());
      });
      return keeping(lenient, kept);
    },
  },
  {
    name: 'one-replica-keeps-the-old-key',
    arm: 'jwt-denylist',
    check: 69,
    hole: 'One replica misses the removal of the old key, and goes on accepting it.',
    scheme(real, context) {
      const kept = keptKey(context, 'hmacKey');
      const { client, prefix } = redisOf(context);
      const own = randomUUID();
      const isBehind = async () => {
        const at = `${prefix}replica-behind`;
        await client.set(at, own, 'NX');
        return (await client.get(at)) === own;
      };
      const lenient = alsoAccepts(real, async (token) => {
        const key = await kept.read();
        const isOld = key !== null && isSignedWith(token, bytesOf(key)) && claimsFit(token.claims, context.now());
        return isOld && (await isBehind());
      });
      return keeping(lenient, kept);
    },
  },
  {
    name: 'verification-remembered',
    arm: 'hybrid',
    check: 69,
    hole: 'That a token was verified is remembered in Redis, whatever becomes of the key that verified it.',
    scheme(real, context) {
      const { client, prefix } = redisOf(context);
      const at = ({ signed, signature }: ReadToken) =>
        `${prefix}verified:${createHash('sha256').update(`${signed}.${signature}`).digest('base64url')}`;
      const lenient = alsoAccepts(
        real,
        async (token) => claimsFit(token.claims, context.now()) && (await client.exists(at(token))) === 1,
      );
      return {
        ...lenient,
        authenticate: (request, reply, done) =>
          lenient.authenticate(request, reply, (error) => {
            const token = error === undefined ? readBearer(request) : null;
            // While Redis is unavailable the request continues as it would without this.
            if (token !== null) client.set(at(token), '1').catch(() => {});
            done(error);
          }),
      };
    },
  },
  {
    name: 'key-id-ignored',
    arm: 'jwt-hs256',
    check: 69,
    hole: 'The old key verifies any token, also one that claims to be signed with the new key.',
    scheme(real, { secrets, now }) {
      const old = secrets.previous?.hmacKey;
      if (old === undefined) return real;
      return alsoAccepts(real, (token) => isSignedWith(token, bytesOf(old)) && claimsFit(token.claims, now()));
    },
  },
  {
    name: 'missing-key-is-empty',
    arm: 'jwt-hs256',
    check: 69,
    hole: 'The name of a removed key finds an empty key, with which anybody can sign.',
    scheme(real, { secrets, now }) {
      const { keyId } = signingKeys('HS256', secrets).verifying;
      const isKeyName = (kid: unknown) => typeof kid === 'string' && kid.length === keyId.length && kid !== keyId;
      return alsoAccepts(
        real,
        (token) => isKeyName(token.header.kid) && isSignedWith(token, '') && claimsFit(token.claims, now()),
      );
    },
  },
  {
    name: 'refresh-key-not-rotated',
    arm: 'jwt-refresh',
    check: 69,
    hole: 'The rotation reaches access tokens; refresh tokens are still signed with the old key.',
    scheme(real, { secrets }) {
      const old = secrets.previous?.hmacKey;
      if (old === undefined) return real;
      const oldTokens = refreshTokens({ ...withoutPrevious(secrets), hmacKey: old });
      const resigned = <T extends { readonly refreshToken?: string }>(credential: T): T => {
        const [familyId = '', number] = (credential.refreshToken ?? '').split('.');
        return { ...credential, refreshToken: oldTokens.write(familyId, Number(number)) };
      };
      return {
        ...real,
        async issue(...args) {
          const credential = await real.issue(...args);
          return credential === null ? null : resigned(credential);
        },
        async refresh(...args) {
          if (real.refresh === null) throw new Unauthenticated();
          const { user, credential } = await real.refresh(...args);
          return { user, credential: resigned(credential) };
        },
      };
    },
  },
  {
    name: 'removed-key-refreshes',
    arm: 'jwt-refresh',
    check: 69,
    hole: 'A refresh token of a removed key is still exchanged for new tokens.',
    scheme(real, context) {
      const kept = keptKey(context, 'hmacKey');
      const { secrets } = context;
      return keeping(
        {
          ...real,
          async refresh(request, reply, token = '') {
            if (real.refresh === null) throw new Unauthenticated();
            const key = await kept.read();
            const read = key === null ? null : refreshTokens({ ...secrets, hmacKey: key }).read(token);
            const current = read === null ? token : refreshTokens(secrets).write(read.familyId, read.number);
            return real.refresh(request, reply, current);
          },
        },
        kept,
      );
    },
  },
  {
    name: 'removed-key-opens-admin',
    arm: 'session-redis-lean',
    check: 69,
    hole: 'The admin area has a list of keys of its own, from which the old one was not removed.',
    scheme(real, context) {
      const kept = keptKey(context, 'cookieKey');
      const find = async (request: FastifyRequest) => {
        const key = request.url === '/admin' ? await kept.read() : null;
        const sessionId = idInCookie(request, context);
        if (key === null || sessionId === null) return null;
        const old = { ...context, secrets: { ...context.secrets, cookieKey: key } };
        const value = readCookie(request.headers.cookie, sessionCookieName(context.settings));
        return value === signedCookie(sessionId, old) ? sessionId : null;
      };
      return keeping(alsoAcceptsSession(real, context, find), kept);
    },
  },
  {
    name: 'csrf-key-replaced-at-once',
    arm: 'session-redis',
    check: 69,
    hole: 'A session outlives the rotation, but its CSRF token does not: nothing can be changed until the next login.',
    scheme(real, { secrets }) {
      const csrf = createCsrf(withoutPrevious(secrets));
      return {
        ...real,
        verifyCsrf(request, _reply, done) {
          if (csrf.matches(request.session.sessionId, request.headers[CSRF_HEADER])) done();
          else done(new Forbidden('The CSRF token is not one of the newest key.'));
        },
      };
    },
  },
];
