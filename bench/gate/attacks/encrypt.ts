/**
 * Creates and reads encrypted tokens (JWE, RFC 7516) by hand: as a server with the arm's key would, to try one claim
 * or header at a time, and as an attacker would, who has only the server's public key.
 */
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  publicEncrypt,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import type { Secrets } from '../../../servers/configuration.ts';
import { CONTENT_KEY_BYTES, type ContentEncryption, ENCRYPTION_KEY_LABEL } from '../../../servers/contract.ts';
import type { Json } from './tokens.ts';

/** The content encryptions of RFC 7518 §5: more than any arm uses, since a header may request another. */
export type AnyEncryption = ContentEncryption | 'A128GCM' | 'A128CBC-HS256';

const KEY_BYTES: Readonly<Record<AnyEncryption, number>> = {
  ...CONTENT_KEY_BYTES,
  A128GCM: 16,
  'A128CBC-HS256': 32,
};

export interface EncryptedToken {
  readonly header: Json;
  readonly claims: Json;
  /** The five parts, in base64url. */
  readonly parts: readonly [header: string, key: string, iv: string, ciphertext: string, tag: string];
}

const encode = (bytes: Buffer | string): string => Buffer.from(bytes).toString('base64url');

/** The key of an arm's encrypted tokens. */
export function contentKeyOf(encryption: ContentEncryption, { cookieKey }: Pick<Secrets, 'cookieKey'>): Buffer {
  const label = `${ENCRYPTION_KEY_LABEL}${encryption}`;
  return Buffer.from(hkdfSync('sha256', Buffer.from(cookieKey, 'base64'), '', label, CONTENT_KEY_BYTES[encryption]));
}

interface Sealed {
  readonly iv: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
}

/** RFC 7518 §5.2.2.1: the tag is the first half of an HMAC over header, vector, ciphertext and the header's length in bits. */
function macOf(key: Buffer, aad: Buffer, { iv, ciphertext }: Pick<Sealed, 'iv' | 'ciphertext'>): Buffer {
  const half = key.length / 2;
  const bits = Buffer.alloc(8);
  bits.writeBigUInt64BE(8n * BigInt(aad.length));
  const whole = createHmac(half === 32 ? 'sha512' : 'sha256', key.subarray(0, half));
  return whole.update(aad).update(iv).update(ciphertext).update(bits).digest().subarray(0, half);
}

/** @param iv the initialization vector; a random one of the right length by default */
export function sealContent(
  encryption: AnyEncryption,
  key: Buffer,
  plain: Buffer,
  aad: Buffer,
  iv: Buffer = randomBytes(encryption.endsWith('GCM') ? 12 : 16),
): Sealed {
  if (key.length !== KEY_BYTES[encryption]) throw new TypeError(`${encryption} takes ${KEY_BYTES[encryption]} bytes`);
  if (encryption === 'A256GCM' || encryption === 'A128GCM') {
    const cipher = createCipheriv(encryption === 'A256GCM' ? 'aes-256-gcm' : 'aes-128-gcm', key, iv);
    cipher.setAAD(aad);
    const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
    return { iv, ciphertext, tag: cipher.getAuthTag() };
  }
  const half = key.length / 2;
  const cipher = createCipheriv(half === 32 ? 'aes-256-cbc' : 'aes-128-cbc', key.subarray(half), iv);
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { iv, ciphertext, tag: macOf(key, aad, { iv, ciphertext }) };
}

/** @throws Error if the key is wrong, or a bit was changed */
export function openContent(
  encryption: ContentEncryption,
  key: Buffer,
  { iv, ciphertext, tag }: Sealed,
  aad: Buffer,
): Buffer {
  if (encryption === 'A256GCM') {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: 16 });
    decipher.setAAD(aad).setAuthTag(tag);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  }
  if (!timingSafeEqual(macOf(key, aad, { iv, ciphertext }), tag)) throw new Error('the tag is another');
  const decipher = createDecipheriv('aes-256-cbc', key.subarray(key.length / 2), iv);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

export interface Writing {
  readonly encryption: AnyEncryption;
  readonly key: Buffer;
  /** The second part: the key, encrypted for the server; empty if the server has it. */
  readonly encryptedKey?: Buffer;
}

/** @param claims a value to write as JSON, or raw bytes */
export function writeEncrypted(
  header: Json,
  claims: Json | Buffer,
  { encryption, key, encryptedKey }: Writing,
): string {
  const head = encode(JSON.stringify(header));
  const plain = Buffer.isBuffer(claims) ? claims : Buffer.from(JSON.stringify(claims));
  const { iv, ciphertext, tag } = sealContent(encryption, key, plain, Buffer.from(head));
  return [head, encode(encryptedKey ?? ''), encode(iv), encode(ciphertext), encode(tag)].join('.');
}

/** @throws Error if the text is not an encrypted token under this key; the message does not quote it */
export function readEncrypted(text: string, encryption: ContentEncryption, key: Buffer): EncryptedToken {
  const [head, wrapped, iv, ciphertext, tag, ...more] = text.split('.');
  if (head === undefined || wrapped === undefined || iv === undefined || ciphertext === undefined || tag === undefined)
    throw new Error('the credential is not an encrypted token');
  if (more.length > 0) throw new Error('the credential is not an encrypted token');
  const bytes = (part: string) => Buffer.from(part, 'base64url');
  const sealed = { iv: bytes(iv), ciphertext: bytes(ciphertext), tag: bytes(tag) };
  const claims: unknown = JSON.parse(openContent(encryption, key, sealed, Buffer.from(head)).toString());
  const header: unknown = JSON.parse(bytes(head).toString());
  return { header: header as Json, claims: claims as Json, parts: [head, wrapped, iv, ciphertext, tag] };
}

/** AES Key Wrap (RFC 3394) of a content key. */
export function wrapped(contentKey: Buffer, wrappingKey: Buffer): Buffer {
  const cipher = createCipheriv('id-aes256-wrap', wrappingKey, Buffer.alloc(8, 0xa6));
  return Buffer.concat([cipher.update(contentKey), cipher.final()]);
}

/** RSA-OAEP of RFC 7518 §4.3 for the owner of the private key. */
export function encryptedFor(publicKey: string, contentKey: Buffer, hash: 'sha1' | 'sha256'): Buffer {
  return publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash }, contentKey);
}
