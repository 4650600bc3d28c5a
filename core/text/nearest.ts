/** Suggestions for a wrong name. Pure. */
import { createRequire } from 'node:module';

type Levenshtein = typeof import('fastest-levenshtein');

/** Loaded on the first wrong name, because the command line must also start before packages are installed. */
const levenshtein = (): Levenshtein => createRequire(import.meta.url)('fastest-levenshtein');

/** @returns `did you mean toll?`, or all known names if none is similar */
export function nearest(wrong: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const { closest, distance } = levenshtein();
  const best = closest(wrong, [...known]);
  if (distance(wrong, best) <= Math.max(2, Math.floor(best.length / 2))) return `did you mean ${best}?`;
  return `choose from ${known.join(', ')}`;
}
