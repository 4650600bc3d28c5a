/**
 * Recognises ids that look random and are not: hashes of a counter, whose next ids an attacker can compute. Ids that it
 * does not recognise may still be guessable: no sample shows how ids are made. Pure.
 */
import { createHash } from 'node:crypto';

/** Hashes that a counter is commonly hidden behind. */
const HASHES = ['md5', 'sha1', 'sha256', 'sha512'] as const;
const ENCODINGS = ['hex', 'base64', 'base64url'] as const;
/** Counters from here to here are tried: a server that has just started counts from a small number. */
const COUNTERS = 4_096;

/**
 * Whether ids are hashes of successive numbers, which show as many bits as random ones.
 * @returns what they are made from; null if no id is the hash of a small number
 */
export function hashedCounter(ids: readonly string[]): string | null {
  const wanted = new Set(ids.map(withoutPadding));
  for (const hash of HASHES) {
    for (let count = 0; count < COUNTERS; count++) {
      const digest = createHash(hash).update(String(count)).digest();
      for (const encoding of ENCODINGS) {
        const text = withoutPadding(digest.toString(encoding));
        if (wanted.has(text) || ids.some((id) => id.length >= 16 && text.startsWith(id))) return `${hash} of a counter`;
      }
    }
  }
  return null;
}

const withoutPadding = (text: string): string => text.replace(/=+$/, '');
