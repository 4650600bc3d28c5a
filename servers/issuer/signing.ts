/**
 * The signing keys of the authorization server. The next key is published before it is used, and the previous one
 * after, so that a verifier which has fetched the set within one rotation knows every key in use.
 */
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, exportJWK, type JWK, SignJWT } from 'jose';
import type { Identity } from '../contract.ts';
import { ACCESS_TOKEN_TYPE, JWT_AUDIENCE, JWT_ISSUER } from '../schemes/access-tokens.ts';

const ALGORITHM = 'RS256';
const MODULUS_BITS = 2048;
const pairOf = promisify(generateKeyPair);

interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicJwk: JWK & { readonly kid: string };
}

/** Restrictions of a token that is not issued to a client. */
export interface TokenUse {
  readonly audience: string;
  /** Its latest expiry, in ms since the epoch. */
  readonly endsAtMs: number;
  /** The id of the opaque token that it represents. */
  readonly sid: string;
}

export interface TokenSigner {
  /** A signed access token (RFC 9068). @param now in ms since the epoch */
  sign(user: Identity, lifetimeSeconds: number, now: number, use?: TokenUse): Promise<string>;
  /** The public keys: the one in use first, then the next, once it is made, then the last. */
  keySet(): Promise<{ readonly keys: readonly JWK[] }>;
  /** Signs with the next key from now on. */
  rotate(): Promise<void>;
}

async function keyOf(privateKey: KeyObject): Promise<SigningKey> {
  const jwk = await exportJWK(createPublicKey(privateKey));
  const kid = await calculateJwkThumbprint(jwk);
  return { privateKey, publicJwk: { ...jwk, kid, alg: ALGORITHM, use: 'sig' } };
}

async function freshKey(): Promise<SigningKey> {
  return keyOf((await pairOf('rsa', { modulusLength: MODULUS_BITS })).privateKey);
}

/** @param firstKey PKCS#8 PEM of the key to begin with */
export function createTokenSigner(firstKey: string): TokenSigner {
  let current = keyOf(createPrivateKey(firstKey));
  /** The next key, made when the first token is signed: a server of opaque tokens needs none. */
  let next: Promise<SigningKey> | null = null;
  /** The next key once it can be published without waiting: an RSA key takes long to make on a busy machine. */
  let made: SigningKey | null = null;
  let last: Promise<SigningKey> | null = null;
  const following = () => {
    next ??= freshKey().then((key) => {
      made = key;
      return key;
    });
    return next;
  };
  return {
    async sign(user, lifetimeSeconds, now, use) {
      const { privateKey, publicJwk } = await current;
      // If a key cannot be made, the rotation that needs it reports the error.
      following().catch(() => {});
      const issuedAt = Math.floor(now / 1000);
      const end = issuedAt + lifetimeSeconds;
      const about = { username: user.username, roles: user.roles };
      return (
        new SignJWT(use === undefined ? about : { ...about, sid: use.sid })
          .setProtectedHeader({ alg: ALGORITHM, typ: ACCESS_TOKEN_TYPE, kid: publicJwk.kid })
          .setSubject(user.id)
          .setJti(randomUUID())
          .setIssuer(JWT_ISSUER)
          .setAudience(use?.audience ?? JWT_AUDIENCE)
          .setIssuedAt(issuedAt)
          // In whole seconds, or exactly the expiry of the token that it represents.
          .setExpirationTime(use === undefined ? end : Math.min(end, use.endsAtMs / 1000))
          .sign(privateKey)
      );
    },
    async keySet() {
      const keys = [await current, ...(made === null ? [] : [made]), ...(last === null ? [] : [await last])];
      return { keys: keys.map(({ publicJwk }) => publicJwk) };
    },
    async rotate() {
      const fresh = following();
      await fresh;
      last = current;
      current = fresh;
      next = null;
      made = null;
      await following();
    },
  };
}
