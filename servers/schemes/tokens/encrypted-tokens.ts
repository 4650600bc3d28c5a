/**
 * Encrypted tokens (JWE, RFC 7516) with jose, as in Auth.js: one secret key encrypts and authenticates a session's
 * claims.
 */
import { createHash, hkdfSync, webcrypto } from 'node:crypto';
import { EncryptJWT, type JWTPayload, jwtDecrypt } from 'jose';
import type { Secrets } from '../../configuration.ts';
import { CONTENT_KEY_BYTES, type ContentEncryption, ENCRYPTION_KEY_LABEL, type Identity } from '../../contract.ts';
import { secretBytes } from '../../keys.ts';
import { JWT_AUDIENCE, JWT_ISSUER } from '../access-tokens.ts';
import { isCanonicalEncryptedToken } from '../compact-form.ts';

/** Distinguishes these tokens from others (RFC 8725 §3.11). */
export const SESSION_TOKEN_TYPE = 'session+jwt';

/** A session stored by its client. Times are in ms since the epoch, because `exp` has whole seconds. */
export interface EncryptedSession {
  readonly id: string;
  readonly user: Identity;
  /** The absolute end. */
  readonly endsAtMs: number;
  readonly usedAtMs: number;
}

export interface EncryptedTokens {
  /** Imports the keys; call it once, before the others. */
  prepare(): Promise<void>;
  seal(session: EncryptedSession, expiresAtMs: number): Promise<string>;
  /** @returns null for every text that is not an intact, unexpired token of this kind */
  open(token: string, nowMs: number): Promise<EncryptedSession | null>;
}

interface NamedKey {
  readonly keyId: string;
  readonly key: webcrypto.CryptoKey | Uint8Array;
}

/** jose imports a key of bytes for every token; a key of A256GCM can be imported once. The other encryption has two keys in one. */
async function namedKey(base64: string, name: string, encryption: ContentEncryption): Promise<NamedKey> {
  const label = `${ENCRYPTION_KEY_LABEL}${encryption}`;
  const bytes = new Uint8Array(hkdfSync('sha256', secretBytes(base64, name), '', label, CONTENT_KEY_BYTES[encryption]));
  const keyId = createHash('sha256').update('kid\0').update(bytes).digest('base64url').slice(0, 11);
  if (encryption !== 'A256GCM') return { keyId, key: bytes };
  return { keyId, key: await webcrypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']) };
}

const isText = (value: unknown): value is string => typeof value === 'string';

/**
 * Null for claims that no session of this server has: the key was then used for something else, or by somebody else.
 */
function sessionOf({ jti, sub, username, roles, endsAtMs, usedAtMs }: JWTPayload): EncryptedSession | null {
  if (!isText(jti) || !isText(sub) || !isText(username) || !Array.isArray(roles) || !roles.every(isText)) return null;
  if (typeof endsAtMs !== 'number' || typeof usedAtMs !== 'number') return null;
  return { id: jti, user: { id: sub, username, roles }, endsAtMs, usedAtMs };
}

/** @throws StartError BAD_START from `prepare` if a key is too weak */
export function encryptedTokens(encryption: ContentEncryption, secrets: Secrets): EncryptedTokens {
  let current: NamedKey | undefined;
  let keys: ReadonlyMap<string | undefined, NamedKey['key']> = new Map();

  return {
    async prepare() {
      current = await namedKey(secrets.cookieKey, 'cookieKey', encryption);
      const old = secrets.previous?.cookieKey;
      const previous = old === undefined ? [] : [await namedKey(old, 'previous.cookieKey', encryption)];
      keys = new Map([current, ...previous].map(({ keyId, key }) => [keyId, key]));
    },

    async seal({ id, user, endsAtMs, usedAtMs }, expiresAtMs) {
      if (current === undefined) throw new TypeError('prepare() comes first.');
      return new EncryptJWT({ username: user.username, roles: user.roles, endsAtMs, usedAtMs })
        .setProtectedHeader({ alg: 'dir', enc: encryption, typ: SESSION_TOKEN_TYPE, kid: current.keyId })
        .setJti(id)
        .setSubject(user.id)
        .setIssuer(JWT_ISSUER)
        .setAudience(JWT_AUDIENCE)
        .setIssuedAt(Math.floor(usedAtMs / 1000))
        .setExpirationTime(Math.ceil(expiresAtMs / 1000))
        .encrypt(current.key);
    },

    async open(token, nowMs) {
      if (!isCanonicalEncryptedToken(token)) return null;
      try {
        const { payload } = await jwtDecrypt(
          token,
          ({ kid }) => {
            const key = keys.get(kid);
            if (key === undefined) throw new TypeError('No key has this name.');
            return key;
          },
          {
            // jose takes both from the token's header unless they are named.
            keyManagementAlgorithms: ['dir'],
            contentEncryptionAlgorithms: [encryption],
            // With compression, the length of a ciphertext reveals something about its content (RFC 8725 §3.6); no
            // token here uses it.
            maxDecompressedLength: 0,
            typ: SESSION_TOKEN_TYPE,
            issuer: JWT_ISSUER,
            audience: JWT_AUDIENCE,
            requiredClaims: ['exp', 'jti', 'sub'],
            currentDate: new Date(nowMs),
          },
        );
        return sessionOf(payload);
      } catch {
        return null;
      }
    },
  };
}
