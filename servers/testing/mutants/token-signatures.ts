/** Mutants of token signatures: schemes that accept invalid signatures, as described in RFC 8725 and advisories on libraries. */
import { createPublicKey, type JsonWebKeyInput, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { secretBytes } from '../../keys.ts';
import { alsoAccepts, claimsFit, hmac, isSigned, readBearer } from '../jwt-tools.ts';
import type { Mutant } from '../mutant.ts';
import { UNKNOWN_KEY } from '../unknown-key.ts';

/** A guessable key that is long enough to pass every length check. */
const GUESSABLE_KEY = Buffer.from('secret'.repeat(6)).subarray(0, 32).toString('base64');

function keyOfPath(kid: unknown): Buffer | null {
  if (typeof kid !== 'string' || !kid.includes('/dev/null')) return null;
  return readFileSync('/dev/null');
}

function keyOfQuery(kid: unknown): string | null {
  // Simulates a database's answer to SELECT key FROM keys WHERE id = '<kid>'.
  return (typeof kid === 'string' && /union select '([^']*)/i.exec(kid)?.[1]) || null;
}

export const SIGNATURE_MUTANTS: readonly Mutant[] = [
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
    hole: 'alg none is refused, but alg nOnE is not.',
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
    hole: 'A PEM that begins with white space is not recognised as a public key, and verifies HMACs.',
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
    hole: 'Any HMAC algorithm is accepted, not just the chosen one.',
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
    hole: 'A signature that was valid once is accepted for any payload.',
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
    hole: 'The signature is compared up to the length of the given one, so a shorter or empty one is accepted.',
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
    hole: 'The token is decoded but not verified.',
    scheme: (real, { now }) =>
      alsoAccepts(real, ({ header, claims }) => header.alg === 'EdDSA' && claimsFit(claims, now())),
    alsoFails: {
      5: 'nothing is verified, so an altered payload passes too',
      7: 'nothing is verified, so no key is looked up, and none is needed',
      8: 'nothing is verified, so neither is the key in the header',
      9: 'only the algorithm in the header is read',
      61: 'nothing is verified, so a signature may be spelt in any way',
      62: 'nothing is verified, so neither is what was signed',
      69: 'nothing is verified, so a removed key does not matter',
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
    hole: 'kid is inserted into a query without escaping.',
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
    hole: 'The token contains the key that verifies it.',
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
    hole: 'The server fetches keys from a URL in the token.',
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
    hole: 'Unknown critical header fields are ignored.',
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
    hole: 'A missing key counts as an empty one.',
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
];
