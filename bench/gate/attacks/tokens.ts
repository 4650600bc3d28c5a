/** Signed tokens as text: read without verification, and written with any header, claims and signature. Pure. */
import { createHmac, type KeyObject, sign } from 'node:crypto';

export type Json = Readonly<Record<string, unknown>>;
/** Signs `header.payload` and returns the signature in base64url. */
export type Sign = (signed: string) => string;

export interface Token {
  readonly header: Json;
  readonly claims: Json;
  /** The signature in base64url. */
  readonly signature: string;
}

const encode = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function decode(part: string): Json {
  const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
  if (typeof value !== 'object' || value === null) throw new TypeError('a part of the token holds no object');
  return value as Json;
}

/** @throws Error if the text is not a signed JSON Web Token; the message does not quote it */
export function readToken(text: string): Token {
  const [header, claims, signature, ...more] = text.split('.');
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0)
    throw new Error('the credential is not a JSON Web Token');
  return { header: decode(header), claims: decode(claims), signature };
}

export function writeToken(header: Json, claims: Json, make: Sign): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${make(signed)}`;
}

export const hmacWith =
  (key: Buffer | string, hash = 'sha256'): Sign =>
  (signed) =>
    createHmac(hash, key).update(signed).digest('base64url');

/** @param hash null for Ed25519, which hashes by itself */
export const signedWith =
  (key: KeyObject, hash: string | null, padding?: number): Sign =>
  (signed) =>
    sign(hash, Buffer.from(signed), {
      key,
      dsaEncoding: 'ieee-p1363',
      ...(padding === undefined ? {} : { padding }),
    }).toString('base64url');
