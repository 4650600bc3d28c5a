/** Token schemes with one hole each: what RFC 8725 warns of, and what token libraries were found to do. */
import { createHash, createPublicKey, type JsonWebKeyInput, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Identity } from '../../contract.ts';
import { secretBytes } from '../../keys.ts';
import { alsoAccepts, claimsFit, hmac, isSigned, readBearer, signToken } from '../jwt-tools.ts';
import type { Mutant } from '../mutant.ts';
import { UNKNOWN_KEY } from '../unknown-key.ts';

/** A key that a guesser would find, long enough that no length check refuses it. */
const GUESSABLE_KEY = Buffer.from('secret'.repeat(6)).subarray(0, 32).toString('base64');

function keyOfPath(kid: unknown): Buffer | null {
  if (typeof kid !== 'string' || !kid.includes('/dev/null')) return null;
  return readFileSync('/dev/null');
}

function keyOfQuery(kid: unknown): string | null {
  // What a database would answer to SELECT key FROM keys WHERE id = '<kid>'.
  return (typeof kid === 'string' && /union select '([^']*)/i.exec(kid)?.[1]) || null;
}

/** A token that outlives its expiry outlives logout and absolute timeout too: nothing else ends it. */
const ENDED_BY_EXPIRY = Object.fromEntries(
  [23, 24, 25, 28].map((check) => [check, 'its expiry is all that ends a token']),
);

/** Checks that log several users in within a second, and mind who is who. */
const MIXED_UP = Object.fromEntries(
  [20, 23, 24, 25, 26, 28, 29, 31, 37, 41, 42, 52].map((check) => [check, 'users who log in together are mixed up']),
);

export const TOKEN_MUTANTS: readonly Mutant[] = [
  {
    name: 'alg-none',
    arm: 'jwt-hs256',
    check: 1,
    hole: 'A token with alg none needs no signature.',
    scheme: (real, { now }) =>
      alsoAccepts(real, ({ header, claims }) => header.alg === 'none' && claimsFit(claims, now())),
  },
  {
    name: 'alg-none-any-case',
    arm: 'jwt-es256',
    check: 1,
    hole: 'alg none is refused, alg nOnE is not.',
    scheme: (real, { now }) =>
      alsoAccepts(
        real,
        ({ header, claims }) => header.alg !== 'none' && /^none$/i.test(String(header.alg)) && claimsFit(claims, now()),
      ),
  },
  {
    name: 'alg-confusion',
    arm: 'jwt-rs256',
    check: 2,
    hole: 'The public RSA key verifies HMACs too, as if it were a secret.',
    scheme: (real, { now, secrets }) =>
      alsoAccepts(
        real,
        ({ header, claims, signed, signature }) =>
          header.alg === 'HS256' && signature === hmac(secrets.rsaPublicKey, signed) && claimsFit(claims, now()),
      ),
  },
  {
    name: 'alg-confusion-whitespace',
    arm: 'jwt-rs256',
    check: 3,
    hole: 'A PEM that begins with white space is not known for a public key, and verifies HMACs.',
    scheme: (real, { now, secrets }) =>
      alsoAccepts(
        real,
        ({ header, claims, signed, signature }) =>
          header.alg === 'HS256' && signature === hmac(`\n${secrets.rsaPublicKey}`, signed) && claimsFit(claims, now()),
      ),
  },
  {
    name: 'alg-of-the-family',
    arm: 'jwt-hs256',
    check: 4,
    hole: 'Any HMAC algorithm will do, not just the one that was chosen.',
    scheme: (real, { now, secrets }) =>
      alsoAccepts(
        real,
        ({ header, claims, signed, signature }) =>
          header.alg === 'HS512' &&
          signature === hmac(secretBytes(secrets.hmacKey, 'hmacKey'), signed, 'sha512') &&
          claimsFit(claims, now()),
      ),
  },
  {
    name: 'signature-remembered',
    arm: 'jwt-hs256',
    check: 5,
    hole: 'A signature that was right once is taken as right for any payload.',
    scheme(real, { now }) {
      const seen = new Set<string>();
      const lenient = alsoAccepts(
        real,
        ({ header, claims, signature }) => header.alg === 'HS256' && seen.has(signature) && claimsFit(claims, now()),
      );
      return {
        ...lenient,
        authenticate: (request, reply, done) =>
          lenient.authenticate(request, reply, (error) => {
            const token = error === undefined ? readBearer(request) : null;
            if (token !== null) seen.add(token.signature);
            done(error);
          }),
      };
    },
  },
  {
    name: 'signature-prefix',
    arm: 'jwt-hs256',
    check: 6,
    hole: 'The signature is compared for as long as the given one is, so a shorter or an empty one is right.',
    scheme: (real, { now, secrets }) =>
      alsoAccepts(
        real,
        ({ header, claims, signed, signature }) =>
          header.alg === 'HS256' &&
          header.crit === undefined &&
          hmac(secretBytes(secrets.hmacKey, 'hmacKey'), signed).startsWith(signature) &&
          claimsFit(claims, now()),
      ),
  },
  {
    name: 'signature-unchecked',
    arm: 'jwt-eddsa',
    check: 6,
    hole: 'The token is decoded and never verified.',
    scheme: (real, { now }) =>
      alsoAccepts(real, ({ header, claims }) => header.alg === 'EdDSA' && claimsFit(claims, now())),
    alsoFails: {
      5: 'nothing is verified, so an altered payload passes too',
      7: 'nothing is verified, so no key is looked up, and none is needed',
      8: 'nothing is verified, so neither is the key in the header',
      9: 'nothing of the header but the algorithm is looked at',
    },
  },
  {
    name: 'kid-is-a-path',
    arm: 'jwt-hs256',
    check: 7,
    hole: 'The key is read from the file that kid names.',
    scheme: (real, { now }) =>
      alsoAccepts(real, ({ header, claims, signed, signature }) => {
        const key = keyOfPath(header.kid);
        return key !== null && signature === hmac(key, signed) && claimsFit(claims, now());
      }),
  },
  {
    name: 'kid-is-a-query',
    arm: 'jwt-denylist',
    check: 7,
    hole: 'kid is put into a query as it is.',
    scheme: (real, { now }) =>
      alsoAccepts(real, ({ header, claims, signed, signature }) => {
        const key = keyOfQuery(header.kid);
        return key !== null && signature === hmac(key, signed) && claimsFit(claims, now());
      }),
  },
  {
    name: 'jwk-in-the-header',
    arm: 'jwt-rs256',
    check: 8,
    hole: 'The token brings the key that verifies it.',
    scheme: (real, { now }) =>
      alsoAccepts(real, ({ header, claims, signed, signature }) => {
        if (typeof header.jwk !== 'object' || header.jwk === null) return false;
        const key = createPublicKey({ key: header.jwk as JsonWebKeyInput['key'], format: 'jwk' });
        return (
          verify('sha256', Buffer.from(signed), key, Buffer.from(signature, 'base64url')) && claimsFit(claims, now())
        );
      }),
  },
  {
    name: 'jku-is-fetched',
    arm: 'jwt-hs256',
    check: 8,
    hole: 'The server fetches keys from where the token says.',
    scheme: (real) =>
      alsoAccepts(real, async ({ header }) => {
        if (typeof header.jku === 'string' && URL.parse(header.jku)?.hostname === '127.0.0.1') await fetch(header.jku);
        return false;
      }),
  },
  {
    name: 'crit-ignored',
    arm: 'jwt-hs256',
    check: 9,
    hole: 'What the token declares critical and the server does not know is passed over.',
    scheme: (real, context) =>
      alsoAccepts(
        real,
        (token) =>
          token.header.crit !== undefined && isSigned(token, context) && claimsFit(token.claims, context.now()),
      ),
  },
  {
    name: 'empty-key',
    arm: 'jwt-hs256',
    check: 10,
    hole: 'A key that is missing counts as an empty one.',
    scheme: (real, { now }) =>
      alsoAccepts(
        real,
        ({ header, claims, signed, signature }) =>
          header.kid === undefined && signature === hmac('', signed) && claimsFit(claims, now()),
      ),
  },
  {
    name: 'guessable-key',
    arm: 'jwt-hs256',
    check: 11,
    hole: 'The HMAC key is a word, repeated until it is long enough.',
    context: (context) => ({ ...context, secrets: { ...context.secrets, hmacKey: GUESSABLE_KEY } }),
    alsoFails: UNKNOWN_KEY,
  },
  {
    name: 'expiry-ignored',
    arm: 'jwt-hs256',
    check: 12,
    hole: 'A token that has expired is accepted.',
    scheme: (real, context) =>
      alsoAccepts(
        real,
        (token) =>
          typeof token.claims.exp === 'number' &&
          token.header.crit === undefined &&
          isSigned(token, context) &&
          claimsFit(token.claims, context.now(), ['exp']),
      ),
    alsoFails: {
      17: 'an expired token is accepted, verified before or not',
      ...ENDED_BY_EXPIRY,
    },
  },
  {
    name: 'expiry-not-required',
    arm: 'jwt-hs256',
    check: 12,
    hole: 'A token that does not say when it expires never does.',
    scheme: (real, context) =>
      alsoAccepts(
        real,
        (token) =>
          token.claims.exp === undefined &&
          token.header.crit === undefined &&
          isSigned(token, context) &&
          claimsFit(token.claims, context.now(), ['exp']),
      ),
  },
  {
    name: 'not-before-ignored',
    arm: 'jwt-hs256',
    check: 13,
    hole: 'A token is accepted before its time.',
    scheme: (real, context) =>
      alsoAccepts(
        real,
        (token) =>
          token.claims.nbf !== undefined && isSigned(token, context) && claimsFit(token.claims, context.now(), ['nbf']),
      ),
  },
  {
    name: 'issuer-ignored',
    arm: 'jwt-hs256',
    check: 14,
    hole: 'A token of any issuer is accepted.',
    scheme: (real, context) =>
      alsoAccepts(
        real,
        (token) =>
          token.header.crit === undefined &&
          isSigned(token, context) &&
          claimsFit(token.claims, context.now(), ['iss']),
      ),
  },
  {
    name: 'audience-ignored',
    arm: 'jwt-hs256',
    check: 15,
    hole: 'A token for any audience is accepted.',
    scheme: (real, context) =>
      alsoAccepts(
        real,
        (token) =>
          token.header.crit === undefined &&
          isSigned(token, context) &&
          claimsFit(token.claims, context.now(), ['aud']),
      ),
  },
  {
    name: 'cached-for-ever',
    arm: 'jwt-hs256-cached',
    check: 17,
    hole: 'A token that was verified once is accepted from then on, expired or not.',
    scheme(real, { now }) {
      const verified = new Set<string>();
      const lenient = alsoAccepts(
        real,
        ({ signed, signature, claims }) => verified.has(`${signed}.${signature}`) && claimsFit(claims, now(), ['exp']),
      );
      return {
        ...lenient,
        authenticate: (request, reply, done) =>
          lenient.authenticate(request, reply, (error) => {
            const token = error === undefined ? readBearer(request) : null;
            if (token !== null) verified.add(`${token.signed}.${token.signature}`);
            done(error);
          }),
      };
    },
    alsoFails: ENDED_BY_EXPIRY,
  },
  {
    name: 'cache-mixes-identities',
    arm: 'jwt-hs256-cached',
    check: 17,
    hole: 'Verified tokens are found by a part that several users’ tokens have in common.',
    scheme(real) {
      const identities = new Map<string, Identity>();
      return {
        ...real,
        authenticate: (request, reply, done) =>
          real.authenticate(request, reply, (error) => {
            const { identity } = request;
            if (error !== undefined || identity === null) return done(error);
            // When it was issued and what it allows: the same for users of one kind who log in together.
            const key = createHash('sha256')
              .update(JSON.stringify([identity.roles, request.user.exp]))
              .digest('hex');
            request.identity = identities.get(key) ?? identity;
            identities.set(key, request.identity);
            done();
          }),
      };
    },
    alsoFails: MIXED_UP,
  },
  {
    name: 'password-in-the-payload',
    arm: 'jwt-hs256',
    check: 18,
    hole: 'The token carries the password, in letters that anybody can decode.',
    scheme: (real, context) => ({
      ...real,
      async issue(request, reply, user) {
        const credential = await real.issue(request, reply, user);
        const { password } = request.body as { password: string };
        const { tokenLifetimeSeconds } = context.settings;
        const exp = Math.floor(context.now() / 1000) + tokenLifetimeSeconds;
        return credential && { ...credential, accessToken: signToken(context, user, { pw: password, exp }) };
      },
    }),
  },
];
