/** Ways to alter a secret that a client holds. Pure. */

/** Replaces one character by another of the same alphabet, base64url or hexadecimal. */
export function changeAt(text: string, index: number): string {
  const old = text[index] ?? '';
  return text.slice(0, index) + (old === 'a' ? 'b' : 'a') + text.slice(index + 1);
}

/** Changes the middle character: the last one has bits that some decoders ignore. */
export const changeMiddle = (text: string): string => changeAt(text, Math.floor(text.length / 2));

/** Splits a value at its last dot; without a dot the signature is empty. */
export function splitSignature(value: string): readonly [signed: string, signature: string] {
  const dot = value.lastIndexOf('.');
  return dot < 0 ? [value, ''] : [value.slice(0, dot), value.slice(dot + 1)];
}

/**
 * Alterations of a cookie's value, none of which may be accepted. `other` is the value of another session, which may be the
 * same for a token that was issued to one user within one second. What an alteration turns into that other value is valid: a
 * seal that begins with `Fe26.2` has its only dot there.
 */
export function alterations(value: string, other: string): readonly (readonly [what: string, altered: string])[] {
  return altered(value, other).filter(([, text]) => text !== value && text !== other);
}

function altered(value: string, other: string): readonly (readonly [what: string, altered: string])[] {
  const [signed, signature] = splitSignature(value);
  const [, foreign] = splitSignature(other);
  const ofTheWhole = [
    ['the first character changed', changeAt(value, 0)],
    ['a character in the middle changed', changeMiddle(value)],
    ['cut short', value.slice(0, -8)],
    ['cut to half', value.slice(0, Math.floor(value.length / 2))],
  ] as const;
  if (signature === '') return ofTheWhole;
  return [
    ...ofTheWhole,
    ['the signature changed', `${signed}.${changeMiddle(signature)}`],
    ['the signature taken off', signed],
    ['an empty signature', `${signed}.`],
    ['what is signed changed', `${changeMiddle(signed)}.${signature}`],
    ['the signature of another session', `${signed}.${foreign}`],
  ];
}
