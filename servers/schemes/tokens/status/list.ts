/**
 * The status list of draft-ietf-oauth-status-list: one bit for each token, compressed, in a separate signed token
 * that anyone may cache until it expires. jose verifies it; the draft's requirements beyond a JWT are checked here.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { constants, deflateSync, inflateSync } from 'node:zlib';
import { jwtVerify, SignJWT } from 'jose';
import type { Secrets } from '../../../configuration.ts';
import { signingKeys } from '../../signing-keys.ts';

/** §5.1 and §8: the type of the token, and the media type of the reply that holds it. */
export const STATUS_LIST_TYPE = 'statuslist+jwt';
export const STATUS_LIST_MEDIA_TYPE = `application/${STATUS_LIST_TYPE}`;
/** The longest reply and the longest list that a reader accepts: for 16 million tokens. */
export const LONGEST_REPLY_BYTES = 4 * 1024 * 1024;
const LONGEST_LIST_BYTES = 2 * 1024 * 1024;
const BITS_PER_STATUS = 1;

export class StatusListError extends Error {
  override readonly name = 'StatusListError';
}

/** §4.1: zlib at its best level, since a list is written once and read by many. */
export function encodeList(bits: Buffer): string {
  return deflateSync(bits, { level: constants.Z_BEST_COMPRESSION }).toString('base64url');
}

/** @throws StatusListError if it is not a zlib stream, or longer than a reader accepts */
export function decodeList(text: string): Buffer {
  try {
    return inflateSync(Buffer.from(text, 'base64url'), { maxOutputLength: LONGEST_LIST_BYTES });
  } catch (cause) {
    throw new StatusListError('the list cannot be decompressed', { cause });
  }
}

/** §4.1: the first token has the least significant bit of the first byte. Null beyond the end of the list. */
export function statusAt(bits: Buffer, index: number): number | null {
  const byte = bits[index >> 3];
  return byte === undefined ? null : (byte >> (index & 7)) & 1;
}

export interface StatusListKeys {
  readonly signing: KeyObject;
  readonly keyId: string;
  /** Keys by name, including those from before a rotation. */
  readonly verifying: ReadonlyMap<string | undefined, KeyObject>;
}

export function statusListKeys(secrets: Secrets): StatusListKeys {
  const { signing, verifying, previous } = signingKeys('ES256', secrets);
  const named = [verifying, ...(previous === null ? [] : [previous])];
  return {
    signing: createPrivateKey(signing),
    keyId: verifying.keyId,
    verifying: new Map(named.map(({ keyId, key }) => [keyId, createPublicKey(key)])),
  };
}

export interface StatusListTimes {
  /** When the bits were read, in ms since the epoch. */
  readonly readAtMs: number;
  /** How long after that the list may be used. */
  readonly lifetimeMs: number;
  /** After this long a reader should ask for a newer one. */
  readonly ttlMs: number;
}

/** Times in tokens may have fractions (RFC 7519 §2): in whole seconds a short life would be mostly rounding. */
export function signList(
  uri: string,
  bits: Buffer,
  { signing, keyId }: StatusListKeys,
  { readAtMs, lifetimeMs, ttlMs }: StatusListTimes,
): Promise<string> {
  return new SignJWT({ ttl: ttlMs / 1000, status_list: { bits: BITS_PER_STATUS, lst: encodeList(bits) } })
    .setProtectedHeader({ alg: 'ES256', typ: STATUS_LIST_TYPE, kid: keyId })
    .setSubject(uri)
    .setIssuedAt(readAtMs / 1000)
    .setExpirationTime((readAtMs + lifetimeMs) / 1000)
    .sign(signing);
}

export interface StatusList {
  readonly bits: Buffer;
  /** In ms since the epoch. */
  readonly expiresAtMs: number;
  readonly ttlMs: number;
}

/** How far the clock of its publisher may be ahead. */
const AHEAD_SECONDS = 60;

/** @throws Error unless it is the list at `uri`, signed by its publisher, and not expired */
export async function readList(token: string, uri: string, keys: StatusListKeys, nowMs: number): Promise<StatusList> {
  const { payload } = await jwtVerify(
    token,
    ({ kid }) => {
      const key = keys.verifying.get(kid);
      if (key === undefined) throw new StatusListError('no key has the name that the list gives');
      return key;
    },
    {
      algorithms: ['ES256'],
      typ: STATUS_LIST_TYPE,
      subject: uri,
      requiredClaims: ['iat', 'exp'],
      currentDate: new Date(nowMs),
    },
  );
  const { iat = 0, exp = 0, ttl, status_list: list } = payload;
  if (iat > nowMs / 1000 + AHEAD_SECONDS) throw new StatusListError('the list was issued in the future');
  if (typeof ttl !== 'number' || !(ttl > 0)) throw new StatusListError('the list does not say how long it is fresh');
  if (typeof list !== 'object' || list === null) throw new StatusListError('the token holds no list');
  const { bits, lst } = list as { bits?: unknown; lst?: unknown };
  if (bits !== BITS_PER_STATUS || typeof lst !== 'string') throw new StatusListError('the list is of another kind');
  // jose rounds the present down to seconds.
  const expiresAtMs = Math.round(exp * 1000);
  if (expiresAtMs <= nowMs) throw new StatusListError('the list has expired');
  return { bits: decodeList(lst), expiresAtMs, ttlMs: ttl * 1000 };
}
