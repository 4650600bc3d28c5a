/** Realistic inputs in any number: sessions in the form of a store, ids, token claims, key pairs. */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { Identity } from '../../servers/contract.ts';

export const ISSUER = 'https://tollgate.invalid';
export const AUDIENCE = 'tollgate';
/** As long as a key's name in the servers' tokens. */
export const KEY_ID = 'micro-suite';
/** As in the servers' own access tokens. */
export const TOKEN_TYPE = 'at+jwt';

/** A session as @fastify/session stores it: the cookie's attributes, the user, and its expiry. */
export interface StoredSession {
  readonly cookie: Readonly<Record<string, string | boolean | null>>;
  readonly user: Identity;
  readonly endsAtMs: number;
}

/** Sessions of about 220 B as JSON. */
export function sessions(count: number): StoredSession[] {
  const endsAtMs = Date.now() + 28_800_000;
  return Array.from({ length: count }, (_, index) => ({
    cookie: {
      expires: null,
      originalMaxAge: null,
      sameSite: 'lax',
      secure: true,
      path: '/',
      httpOnly: true,
      domain: null,
    },
    user: { id: randomBytes(8).toString('hex'), username: `user-${index}`, roles: ['user', 'editor'] },
    endsAtMs: endsAtMs + index,
  }));
}

/** Session ids: 24 random bytes in base64url, as @fastify/session makes them. */
export function sessionIds(count: number): string[] {
  return Array.from({ length: count }, () => randomBytes(24).toString('base64url'));
}

/**
 * The claims of an access token that outlives the suite, without those that the signer adds: `iat`, `iss` and `aud`.
 */
export function claims(count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => ({
    sub: randomBytes(8).toString('hex'),
    username: `user-${index}`,
    roles: ['user', 'editor'],
    jti: randomUUID(),
  }));
}

export const hmacKey = (): Buffer => randomBytes(32);

export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

const PEM = {
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
} as const;

/** A fresh 2048-bit RSA key pair, PEM. */
export const rsaKeys = (): KeyPair => generateKeyPairSync('rsa', { modulusLength: 2048, ...PEM });

/** A fresh key pair on P-256, PEM. */
export const ecKeys = (): KeyPair => generateKeyPairSync('ec', { namedCurve: 'P-256', ...PEM });

/** A fresh Ed25519 key pair, PEM. */
export const edKeys = (): KeyPair => generateKeyPairSync('ed25519', PEM);
