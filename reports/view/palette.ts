/** The colours of reports: of arms, of parts, and of everything else. */
import type { ArmSummary } from '../../core/results/arms.ts';

/** Colours for arms that declare none, in the run's order. */
const SPARE_COLOURS = ['#8a6d5a', '#5f8a86', '#9a6fa0', '#808a3a', '#a06a6a', '#5a7fa0'] as const;

/**
 * The colour of each arm, by name: its declared one, so that it is the same in every run. An arm without one gets a
 * spare colour; they repeat after the sixth. In charts, arms are always labelled by name as well.
 */
export function armColours(arms: readonly Pick<ArmSummary, 'name' | 'colour'>[]): ReadonlyMap<string, string> {
  const plain = arms.filter(({ colour }) => colour === null);
  return new Map(
    arms.map((arm) => {
      const spare = SPARE_COLOURS[plain.indexOf(arm) % SPARE_COLOURS.length] ?? SPARE_COLOURS[0];
      return [arm.name, arm.colour ?? spare];
    }),
  );
}

/** Colours for the parts of a stack, in order. They are not arms' colours: a part is not an arm. */
export const PART_COLOURS = [
  '#4477aa',
  '#cc6677',
  '#2f9e8f',
  '#a8902f',
  '#aa4499',
  '#4f93c8',
  '#8a8a3c',
  '#b5633a',
  '#6f6fc4',
] as const;

/** All colours of data other than those that arms declare, for the test of contrast. */
export const DATA_COLOURS = [...SPARE_COLOURS, ...PART_COLOURS];

/** The neutral tones of a chart, each with its dark replacement. */
export const TONES = {
  ink: { light: '#1b2027', dark: '#e8ebef' },
  muted: { light: '#59636e', dark: '#a0a9b4' },
  faint: { light: '#8b94a0', dark: '#78828e' },
  grid: { light: '#e4e7eb', dark: '#2b3139' },
  ghost: { light: '#c9cfd6', dark: '#434b55' },
  neutral: { light: '#aeb6c0', dark: '#5c6672' },
  surface: { light: '#fefefe', dark: '#14171c' },
} as const;
