/**
 * How well detected changes match the true ones, following van den Burg & Williams 2020 ("An evaluation of change
 * point detection algorithms"): the start of a series counts as a known change, and a change is found if one is
 * reported within a margin. Pure.
 */

export interface Score {
  /** The share of reported changes, including the start, that are true. */
  readonly precision: number;
  /** The share of true changes, including the start, that were reported. */
  readonly recall: number;
  /** The harmonic mean of precision and recall. */
  readonly f1: number;
  /** How well the levels overlap: the best Jaccard index of each true level with a found one, weighted by length. */
  readonly cover: number;
}

/** The margin in values, as in that paper. */
const MARGIN = 5;

/** True changes with a detected one within the margin; each detected one counts once. Both ascending. */
export function matched(truth: readonly number[], found: readonly number[], margin = MARGIN): number {
  const free = [...found];
  let count = 0;
  for (const at of truth) {
    const match = free.findIndex((other) => Math.abs(other - at) <= margin);
    if (match < 0) continue;
    free.splice(match, 1);
    count++;
  }
  return count;
}

/** @param count number of values in the series */
export function scoreOf(count: number, truth: readonly number[], found: readonly number[]): Score {
  const known = [0, ...truth];
  const reported = [0, ...found];
  const hits = matched(known, reported);
  const precision = hits / reported.length;
  const recall = hits / known.length;
  const f1 = hits === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { precision, recall, f1, cover: cover(count, known, reported) };
}

function cover(count: number, truth: readonly number[], found: readonly number[]): number {
  const levels = (starts: readonly number[]) => starts.map((from, i) => [from, starts[i + 1] ?? count] as const);
  const others = levels(found);
  const parts = levels(truth).map(([from, to]) => {
    const overlaps = others.map(([start, end]) => {
      const common = Math.max(0, Math.min(to, end) - Math.max(from, start));
      return common / (to - from + (end - start) - common);
    });
    return (to - from) * Math.max(...overlaps);
  });
  return parts.reduce((sum, part) => sum + part, 0) / count;
}
