/** The compact serialization of a signed token (RFC 7515 §3.1), checked before anything in it is trusted. Pure. */

/** Last letters of a base64url text whose unused low bits are zero, for texts of two and three letters beyond a multiple of four. */
const LAST_OF_TWO = 'AQgw';
const LAST_OF_THREE = 'AEIMQUYcgkosw048';

/** Whether a base64url text is the one encoding of its bytes: decoders ignore the unused bits of the last letter (RFC 4648 §3.5). */
function isCanonical(text: string, start: number, end: number): boolean {
  const rest = (end - start) % 4;
  if (rest === 0) return true;
  if (rest === 1) return false;
  return (rest === 2 ? LAST_OF_TWO : LAST_OF_THREE).includes(text.charAt(end - 1));
}

/**
 * Whether a token has three parts, each in its canonical encoding: an alternative encoding would be another token
 * with the same claims.
 */
export function isCanonicalToken(token: string): boolean {
  const first = token.indexOf('.');
  const second = token.indexOf('.', first + 1);
  return (
    first > 0 &&
    second > first &&
    isCanonical(token, 0, first) &&
    isCanonical(token, first + 1, second) &&
    isCanonical(token, second + 1, token.length)
  );
}

/** Decoders skip white space in base64url. */
const LETTERS = /^[A-Za-z0-9_-]+$/;

/**
 * Whether a text is the compact serialization of an encrypted token with a shared key (RFC 7516 §3.1, RFC 7518 §4.5):
 * five parts, of which the second, an encrypted key, is empty, and all others are in their canonical encoding.
 */
export function isCanonicalEncryptedToken(token: string): boolean {
  const parts = token.split('.', 6);
  return (
    parts.length === 5 &&
    parts[1] === '' &&
    parts.every((part, i) => i === 1 || (LETTERS.test(part) && isCanonical(part, 0, part.length)))
  );
}
