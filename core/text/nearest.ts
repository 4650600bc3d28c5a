/** Suggestions for a wrong name. Pure. */
import { createRequire } from 'node:module';

type Levenshtein = typeof import('fastest-levenshtein');

/** Loaded on the first wrong name, because the command line must also start before packages are installed. */
const levenshtein = (): Levenshtein => createRequire(import.meta.url)('fastest-levenshtein');

/** No name is longer, so what follows cannot make one more similar. */
const COMPARED = 200;
/** Of a long list. */
const SHOWN = 3;

/** The most similar name; null if none is similar. */
export function similar(wrong: string, known: readonly string[]): string | null {
  if (known.length === 0) return null;
  const { closest, distance } = levenshtein();
  const start = wrong.slice(0, COMPARED);
  const best = closest(start, [...known]);
  return distance(start, best) <= Math.max(2, Math.floor(best.length / 2)) ? best : null;
}

/**
 * @param listedIn where all names are, if they are too many for a line, such as `docs/results-format.md`
 * @returns `did you mean toll?`; if no name is similar, all names, or the nearest ones and where the others are
 */
export function nearest(wrong: string, known: readonly string[], listedIn?: string): string {
  if (known.length === 0) return '';
  const best = similar(wrong, known);
  if (best !== null) return `did you mean ${best}?`;
  if (listedIn === undefined) return `choose from ${known.join(', ')}`;
  const start = wrong.slice(0, COMPARED);
  const { distance } = levenshtein();
  const byDistance = known.toSorted((a, b) => distance(start, a) - distance(start, b));
  return `the nearest are ${byDistance.slice(0, SHOWN).join(', ')}; ${listedIn} lists all ${known.length}`;
}
