/**
 * Detects ids that look random but are hashes of a counter, so that an attacker can compute the next ones. Ids
 * without a finding may still be guessable: no sample shows how ids are generated. Pure.
 */
import { createHash } from 'node:crypto';

/** Hashes commonly used to hide a counter. */
const HASHES = ['md5', 'sha1', 'sha256', 'sha512'] as const;
const ENCODINGS = ['hex', 'base64', 'base64url'] as const;
/** Counters below this are tried: a server that has just started has a small counter. */
const COUNTERS = 4_096;

/**
 * Detects hashes of successive numbers, which show as many bits as random ones. @returns the hash and counter in
 * words; null if no id is the hash of a small number
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
