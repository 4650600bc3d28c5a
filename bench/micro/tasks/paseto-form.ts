/**
 * PASETO version 4 by its specification: `public` signs with Ed25519 (node:crypto), `local` encrypts with XChaCha20 and
 * authenticates with keyed BLAKE2b (libsodium). A token has no header to choose an algorithm by: its version is its algorithm.
 * https://github.com/paseto-standard/paseto-spec, docs/01-Protocol-Versions/Version4.md
 */
import { type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto';
import { createRequire } from 'node:module';

const PUBLIC = 'v4.public.';
const LOCAL = 'v4.local.';
const SIGNATURE_BYTES = 64;
const NONCE_BYTES = 32;
const TAG_BYTES = 32;
const ENCRYPTION_KEY_BYTES = 32;
const STREAM_NONCE_BYTES = 24;
const NOTHING = Buffer.alloc(0);

/** The functions of libsodium that are used; its package has no types. */
interface Sodium {
  crypto_generichash(output: Buffer, input: Buffer, key: Buffer): void;
  crypto_stream_xchacha20_xor(cipher: Buffer, message: Buffer, nonce: Buffer, key: Buffer): void;
}

/** sodium-native as @fastify/secure-session resolves it: one version for both kinds of cookie. */
function loadSodium(): Sodium {
  const fromPlugin = createRequire(createRequire(import.meta.url).resolve('@fastify/secure-session'));
  return fromPlugin('sodium-native') as Sodium;
}

/** Pre-authentication encoding: the number of pieces and the length of each, so that the encoding is injective. */
export function preAuthEncode(pieces: readonly Buffer[]): Buffer {
  const lengthOf = (length: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(length));
    return bytes;
  };
  return Buffer.concat([lengthOf(pieces.length), ...pieces.flatMap((piece) => [lengthOf(piece.length), piece])]);
}

const PUBLIC_HEADER = Buffer.from(PUBLIC);
const LOCAL_HEADER = Buffer.from(LOCAL);

/** Without footers and implicit assertions, which no token here has. */
const signedPart = (message: Buffer) => preAuthEncode([PUBLIC_HEADER, message, NOTHING, NOTHING]);

/** The token without its version. @throws Error for another version, or one with a footer */
function bodyOf(token: string, version: string): Buffer {
  if (!token.startsWith(version) || token.includes('.', version.length))
    throw new Error('The token has a different version.');
  return Buffer.from(token.slice(version.length), 'base64url');
}

export function signPublic(message: string, key: KeyObject): string {
  const bytes = Buffer.from(message);
  const signature = sign(null, signedPart(bytes), key);
  return `${PUBLIC}${Buffer.concat([bytes, signature]).toString('base64url')}`;
}

/** @returns the message @throws Error unless it was signed with the matching private key */
export function verifyPublic(token: string, key: KeyObject): string {
  const body = bodyOf(token, PUBLIC);
  const message = body.subarray(0, -SIGNATURE_BYTES);
  if (!verify(null, signedPart(message), key, body.subarray(-SIGNATURE_BYTES)))
    throw new Error('The signature is invalid.');
  return message.toString();
}

export interface LocalTokens {
  /** @param nonce 32 random bytes, new for each token */
  encrypt(message: string, nonce: Buffer): string;
  /** @returns the message @throws Error unless it was encrypted with the key */
  decrypt(token: string): string;
}

/** @param key 32 bytes */
export function localTokens(key: Buffer, sodium = loadSodium()): LocalTokens {
  const hashed = (bytes: number, under: Buffer, ...input: readonly Buffer[]) => {
    const output = Buffer.alloc(bytes);
    sodium.crypto_generichash(output, Buffer.concat(input), under);
    return output;
  };
  const forEncryption = Buffer.from('paseto-encryption-key');
  const forAuthentication = Buffer.from('paseto-auth-key-for-aead');

  function streamed(text: Buffer, nonce: Buffer): Buffer {
    const derived = hashed(ENCRYPTION_KEY_BYTES + STREAM_NONCE_BYTES, key, forEncryption, nonce);
    const output = Buffer.alloc(text.length);
    const streamNonce = derived.subarray(ENCRYPTION_KEY_BYTES);
    sodium.crypto_stream_xchacha20_xor(output, text, streamNonce, derived.subarray(0, ENCRYPTION_KEY_BYTES));
    return output;
  }

  function tagOf(nonce: Buffer, cipher: Buffer): Buffer {
    const authenticationKey = hashed(TAG_BYTES, key, forAuthentication, nonce);
    return hashed(TAG_BYTES, authenticationKey, preAuthEncode([LOCAL_HEADER, nonce, cipher, NOTHING, NOTHING]));
  }

  return {
    encrypt(message, nonce) {
      const cipher = streamed(Buffer.from(message), nonce);
      return `${LOCAL}${Buffer.concat([nonce, cipher, tagOf(nonce, cipher)]).toString('base64url')}`;
    },
    decrypt(token) {
      const body = bodyOf(token, LOCAL);
      if (body.length < NONCE_BYTES + TAG_BYTES) throw new Error('Too short for a token.');
      const nonce = body.subarray(0, NONCE_BYTES);
      const cipher = body.subarray(NONCE_BYTES, -TAG_BYTES);
      if (!timingSafeEqual(tagOf(nonce, cipher), body.subarray(-TAG_BYTES)))
        throw new Error('The token cannot be decrypted.');
      return streamed(cipher, nonce).toString();
    },
  };
}
