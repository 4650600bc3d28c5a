/** HMAC-SHA-256 (RFC 2104) from two one-shot hashes, as in the signatures of the hand-tuned arms. */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';

const BLOCK_BYTES = 64;
const SIGNATURE_LENGTH = 43;
const MOST_TEXT_BYTES = 2_048;

/** @param key of at most one block */
export function signatureChecker(key: Buffer): (text: string, signature: string) => boolean {
  const inner = Buffer.alloc(BLOCK_BYTES + MOST_TEXT_BYTES);
  const outer = Buffer.alloc(BLOCK_BYTES + 32);
  for (let i = 0; i < BLOCK_BYTES; i++) {
    inner[i] = (key[i] ?? 0) ^ 0x36;
    outer[i] = (key[i] ?? 0) ^ 0x5c;
  }
  const given = Buffer.alloc(SIGNATURE_LENGTH);
  const expected = Buffer.alloc(SIGNATURE_LENGTH);
  let hashed = inner;
  return (text, signature) => {
    const end = BLOCK_BYTES + inner.write(text, BLOCK_BYTES, 'utf8');
    if (hashed.length !== end) hashed = inner.subarray(0, end);
    outer.write(hash('sha256', hashed, 'latin1'), BLOCK_BYTES, 'latin1');
    given.write(signature, 0, 'utf8');
    expected.write(hash('sha256', outer, 'base64url'), 0, 'latin1');
    return timingSafeEqual(given, expected);
  };
}

/** A text followed by a dot and its signature. */
export function signedText(key: Buffer, text: string): string {
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}

/** The text. @throws if the signature is wrong */
export function textOf(signed: string, matches: (text: string, signature: string) => boolean): string {
  const dot = signed.length - SIGNATURE_LENGTH - 1;
  const text = signed.slice(0, dot);
  if (!matches(text, signed.slice(dot + 1))) throw new Error('A new signature was rejected.');
  return text;
}
