/** Measures how predictable ids are, from a sample. Pure. */

const MILLER_MADOW = 1 / (2 * Math.LN2);

/**
 * Returns the bits of entropy visible in the characters of ids: the sum over positions, each from the frequencies of its
 * characters with the Miller–Madow correction for a finite sample. It is an upper bound, since positions may depend on each
 * other: too few bits prove a fault, while enough bits do not prove soundness.
 */
export function visibleBits(ids: readonly string[]): number {
  const length = Math.min(...ids.map((id) => id.length));
  let bits = 0;
  for (let place = 0; place < length; place++) {
    const counts = new Map<string, number>();
    for (const id of ids) counts.set(id[place] ?? '', (counts.get(id[place] ?? '') ?? 0) + 1);
    const shares = [...counts.values()].map((count) => count / ids.length);
    const plain = -shares.reduce((sum, share) => sum + share * Math.log2(share), 0);
    bits += plain + ((counts.size - 1) * MILLER_MADOW) / ids.length;
  }
  return bits;
}

/** The number of equal characters in successive ids, over the number expected by chance: 1 for independent ids. */
export function successiveAgreement(ids: readonly string[]): number {
  const length = Math.min(...ids.map((id) => id.length));
  let agree = 0;
  let expected = 0;
  for (let place = 0; place < length; place++) {
    const counts = new Map<string, number>();
    for (const [i, id] of ids.entries()) {
      const character = id[place] ?? '';
      counts.set(character, (counts.get(character) ?? 0) + 1);
      if (i > 0 && ids[i - 1]?.[place] === character) agree += 1;
    }
    const chance = [...counts.values()].reduce((sum, count) => sum + (count / ids.length) ** 2, 0);
    // A position that never changes, such as the dashes of a UUID, is left out.
    if (counts.size === 1) agree -= ids.length - 1;
    else expected += chance * (ids.length - 1);
  }
  return expected === 0 ? 1 : agree / expected;
}
