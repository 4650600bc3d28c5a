/** Comparisons of two arms: a figure belongs to one of them, and a factor names the other. */
import type { Figure } from './schema.ts';

/**
 * `toll` and `scale` store the other arm as the factor `against`, `layers` and `payload` as `than`. Both names are
 * kept, so that tables of older and newer runs can be joined; code uses this function. @returns empty if the figure
 * compares no arms
 */
export function otherArmOf({ factors }: Pick<Figure, 'factors'>): string {
  return String(factors.against ?? factors.than ?? '');
}
