/** Tools for broken schemes with encrypted tokens: they decrypt by hand, since a library would refuse to. */
import { createDecipheriv, hkdfSync } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { CONTENT_KEY_BYTES, type ContentEncryption, ENCRYPTION_KEY_LABEL } from '../contract.ts';
import { secretBytes } from '../keys.ts';
import type { Scheme, SchemeContext } from '../scheme.ts';
import { JWT_AUDIENCE, JWT_ISSUER } from '../schemes/access-tokens.ts';
import { isCanonicalEncryptedToken } from '../schemes/compact-form.ts';
import { readCookie, sessionCookieName } from '../schemes/session-cookie.ts';
import { SESSION_TOKEN_TYPE } from '../schemes/tokens/encrypted-tokens.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface ReadEncryption {
  readonly header: Fields;
  /** The authenticated bytes of the header. */
  readonly aad: Buffer;
  readonly encryptedKey: Buffer;
  readonly iv: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
  /** The whole text. */
  readonly text: string;
}

function fieldsOf(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

/** Parses the cookie of a request without decrypting it; null if it holds no token of five parts. */
export function readEncryptedCookie(request: FastifyRequest, { settings }: SchemeContext): ReadEncryption | null {
  const text = readCookie(request.headers.cookie, sessionCookieName(settings)) ?? '';
  const [head = '', key = '', iv = '', ciphertext = '', tag = '', ...more] = text.split('.');
  const bytes = (part: string) => Buffer.from(part, 'base64url');
  const header = fieldsOf(bytes(head).toString());
  if (header === null || more.length > 0) return null;
  const aad = Buffer.from(head);
  return { header, aad, encryptedKey: bytes(key), iv: bytes(iv), ciphertext: bytes(ciphertext), tag: bytes(tag), text };
}

export function contentKey(encryption: ContentEncryption, { secrets }: SchemeContext): Buffer {
  const label = `${ENCRYPTION_KEY_LABEL}${encryption}`;
  const key = secretBytes(secrets.cookieKey, 'cookieKey');
  return Buffer.from(hkdfSync('sha256', key, '', label, CONTENT_KEY_BYTES[encryption]));
}

/** Decrypts without checking the tag. @throws Error if the padding is wrong */
export function decryptCbc(key: Buffer, { iv, ciphertext }: ReadEncryption): string {
  const half = key.length / 2;
  const decipher = createDecipheriv(half === 32 ? 'aes-256-cbc' : 'aes-128-cbc', key.subarray(half), iv);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString();
}

/** Compares as many bytes of the tag as there are. @throws Error if they are wrong, or too few for the cipher */
export function decryptGcm(key: Buffer, { iv, ciphertext, tag, aad }: ReadEncryption): string {
  const cipher = key.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm';
  const decipher = createDecipheriv(cipher, key, iv, { authTagLength: tag.length });
  decipher.setAAD(aad).setAuthTag(tag);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString();
}

export interface Leniency {
  /** Whether the header may have any type. */
  readonly anyType?: boolean;
  /** Whether the claims may lack an expiry. */
  readonly anyExpiry?: boolean;
  /** Whether an alternative encoding of a part, or an additional part, is accepted. */
  readonly anyForm?: boolean;
}

function fits({ header }: ReadEncryption, claims: Fields, nowMs: number, leniency: Leniency): boolean {
  const { iss, aud, exp, nbf, jti, sub, username, roles, endsAtMs, usedAtMs } = claims;
  return (
    (leniency.anyType === true || header.typ === SESSION_TOKEN_TYPE) &&
    (leniency.anyExpiry === true || (typeof exp === 'number' && exp > nowMs / 1000)) &&
    [jti, sub, username].every((each) => typeof each === 'string') &&
    Array.isArray(roles) &&
    roles.every((role) => typeof role === 'string') &&
    iss === JWT_ISSUER &&
    aud === JWT_AUDIENCE &&
    nbf === undefined &&
    typeof endsAtMs === 'number' &&
    endsAtMs > nowMs &&
    typeof usedAtMs === 'number'
  );
}

/**
 * Wraps a scheme so that it also accepts cookies of which `open` returns the claims as JSON.
 * @param open throws, or returns null, for what it does not accept
 */
export function alsoOpens(
  real: Scheme,
  context: SchemeContext,
  open: (token: ReadEncryption) => string | null,
  leniency: Leniency = {},
): Scheme {
  const { idleTimeoutMs } = context.settings;
  const claimsIn = (request: FastifyRequest): Fields | null => {
    const token = readEncryptedCookie(request, context);
    if (token === null || (leniency.anyForm !== true && !isCanonicalEncryptedToken(token.text))) return null;
    try {
      const claims = fieldsOf(open(token) ?? '');
      return claims !== null && fits(token, claims, context.now(), leniency) ? claims : null;
    } catch {
      return null;
    }
  };
  return {
    ...real,
    authenticate: (request, reply, done) =>
      real.authenticate(request, reply, (error) => {
        const claims = error === undefined ? null : claimsIn(request);
        const usedAtMs = Number(claims?.usedAtMs);
        if (claims === null || usedAtMs + idleTimeoutMs <= context.now()) return done(error);
        const user = { id: String(claims.sub), username: String(claims.username), roles: claims.roles as string[] };
        request.identity = user;
        request.encryptedSession = { id: String(claims.jti), user, endsAtMs: Number(claims.endsAtMs), usedAtMs };
        done();
      }),
  };
}
