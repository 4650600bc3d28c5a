/**
 * HMAC-SHA-256 for the hot path, out of two one-shot hashes (RFC 2104). It gives what `createHmac` gives, which makes two
 * objects for each, one of them in native memory that the garbage collector has to find and free: for an input of one block
 * that costs more than the hashing.
 */
import { hash, timingSafeEqual } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** Of a digest in base64url, without padding. */
const TAG_BYTES = 43;

export interface Signer {
  /** In base64url, without padding. @throws {RangeError} for a text of another length than the signer is for */
  sign(text: string): string;
  /** In constant time, as text: base64url leaves bits over, so decoding would let several spellings pass for one signature. */
  matches(text: string, signature: string): boolean;
}

/** Bytes of which the last hold one text of ASCII after the other. */
class AsciiField {
  readonly bytes: Buffer;
  readonly #at: number;
  readonly #length: number;
  /** Longer, so that a character of several bytes is written and seen, not cut off. */
  readonly #roomy: Buffer;

  constructor(at: number, length: number) {
    this.#at = at;
    this.#length = length;
    this.#roomy = Buffer.alloc(at + 3 * length);
    this.bytes = this.#roomy.subarray(0, at + length);
  }

  /** @returns false for a text that is of another length, or more than ASCII: it would not fill the field, or not alone */
  fill(text: string): boolean {
    return text.length === this.#length && this.#roomy.write(text, this.#at, 'utf8') === this.#length;
  }
}

/**
 * Its buffers are used again for every text, which is safe as nothing here waits.
 * @param key of any length
 * @param textBytes length of every text, which is ASCII
 */
export function createSigner(key: Buffer, textBytes: number): Signer {
  const short = key.length > BLOCK_BYTES ? hash('sha256', key, 'buffer') : key;
  const text = new AsciiField(BLOCK_BYTES, textBytes);
  const given = new AsciiField(0, TAG_BYTES);
  const inner = text.bytes;
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);
  for (let i = 0; i < BLOCK_BYTES; i++) {
    const byte = short[i] ?? 0;
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  const expected = Buffer.alloc(TAG_BYTES);

  function tag(): string {
    outer.write(hash('sha256', inner, 'latin1'), BLOCK_BYTES, 'latin1');
    return hash('sha256', outer, 'base64url');
  }

  return {
    sign(what) {
      if (!text.fill(what)) throw new RangeError(`The text must be of ${textBytes} bytes of ASCII.`);
      return tag();
    },
    matches(what, signature) {
      if (!text.fill(what) || !given.fill(signature)) return false;
      expected.write(tag(), 0, 'latin1');
      return timingSafeEqual(given.bytes, expected);
    },
  };
}
