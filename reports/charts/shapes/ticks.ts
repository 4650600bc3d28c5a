/** Chooses the ticks of an axis. Pure. */

/** Powers of ten within the bounds; if there are fewer than three, also 2 and 5 times these. */
export function logTicks(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const decades = Array.from({ length: Math.ceil(Math.log10(high)) - first + 1 }, (_, index) => first + index);
  const within = (steps: readonly number[]) =>
    decades
      .flatMap((decade) => steps.map((step) => Number(`${step}e${decade}`)))
      .filter((tick) => tick >= low && tick <= high);
  const powers = within([1]);
  return powers.length >= 3 ? powers : within([1, 2, 5]);
}

/** Width of a digit of an axis label, and the least gap between two labels, px. */
const DIGIT_WIDTH = 6.2;
const SPACE = 3;

/**
 * The ticks with enough space between their labels, from the left. Without a canvas Vega overestimates the width of
 * text.
 */
export function thinTicks<T extends { readonly px: number; readonly label: string }>(ticks: readonly T[]): T[] {
  const kept: T[] = [];
  for (const tick of ticks) {
    const before = kept.at(-1);
    const half = (label: string) => (label.length * DIGIT_WIDTH) / 2;
    if (before === undefined || tick.px - before.px >= half(before.label) + half(tick.label) + SPACE) {
      kept.push(tick);
    }
  }
  return kept;
}
