/** What two builds take for one report, in turns. Pure. */
import type { Estimate } from '../../core/stats/interval.ts';
import { mean } from '../../core/stats/location.ts';
import { createRandom } from '../../core/stats/random.ts';
import { pairedRatio } from '../../core/stats/ratio.ts';
import { formatFixed } from '../../core/text/format.ts';

export const SIDES = ['head', 'base'] as const;
export type Side = (typeof SIDES)[number];

/** CPU seconds of one report by each build, one after the other. */
export type Turn = Readonly<Record<Side, number>>;

/** Which build goes first in each turn: by chance, so that neither gains by its place. */
export function orders(turns: number, seed: number): readonly (readonly Side[])[] {
  const random = createRandom(seed);
  return Array.from({ length: turns }, () => random.shuffle(SIDES));
}

/** Each turn starts both processes anew, so it is a sample of its own. */
export function ratioOf(turns: readonly Turn[]): Estimate {
  return pairedRatio(
    turns.map(({ head, base }) => [{ value: head, baseline: base }]),
    { seed: 1 },
  );
}

export type Outcome = 'met' | 'missed' | 'undecided';

/** @param most the largest ratio that is wanted */
export function outcomeOf({ low, high }: Estimate, most: number): Outcome {
  if (high <= most) return 'met';
  return low > most ? 'missed' : 'undecided';
}

/** `0.52× [0.48–0.57]`. */
export const ratioText = ({ value, low, high }: Estimate): string =>
  `${formatFixed(value, 2)}× [${formatFixed(low, 2)}–${formatFixed(high, 2)}]`;

export function textOf(turns: readonly Turn[], labels: Readonly<Record<Side, string>>): string {
  const lines = SIDES.map((side) => `${formatFixed(mean(turns.map((turn) => turn[side])), 2)} s  ${labels[side]}`);
  return [
    'CPU time of one report, all threads:',
    ...lines,
    `ratio ${ratioText(ratioOf(turns))}, 95 % interval, ${turns.length} turns`,
  ].join('\n');
}
