/** Realistic inputs, as many different ones as asked: sessions as a store keeps them, ids, tokens' claims, key pairs. */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { Identity } from '../../servers/contract.ts';

export const ISSUER = 'tollgate';
export const AUDIENCE = 'tollgate-api';

/** A session as the store holds it: the cookie's attributes, the user, and when it must end. About 250 B as JSON. */
export interface StoredSession {
  readonly cookie: Readonly<Record<string, string | number | boolean | null>>;
  readonly user: Identity;
  readonly endsAt: number;
}

export function sessions(count: number): StoredSession[] {
  const now = Date.now();
  return Array.from({ length: count }, (_, index) => ({
    cookie: {
      expires: new Date(now + 1_800_000 + index).toISOString(),
      originalMaxAge: 1_800_000,
      sameSite: 'lax',
      secure: true,
      path: '/',
      httpOnly: true,
      domain: null,
    },
    user: { id: randomBytes(8).toString('hex'), username: `user-${index}`, roles: ['user', 'editor'] },
    endsAt: now + 28_800_000 + index,
  }));
}

/** Session ids: 24 random bytes in base64url, as @fastify/session makes them. */
export function sessionIds(count: number): string[] {
  return Array.from({ length: count }, () => randomBytes(24).toString('base64url'));
}

/** The claims of an access token that outlives the suite, without `iat`, `iss` and `aud`, which the signer adds. */
export function claims(count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => ({
    sub: randomBytes(8).toString('hex'),
    username: `user-${index}`,
    roles: ['user', 'editor'],
    jti: randomUUID(),
  }));
}

export const hmacKey = (): Buffer => randomBytes(32);

/** A fresh 2048-bit RSA key pair, PEM. */
export function rsaKeys(): { privateKey: string; publicKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}
