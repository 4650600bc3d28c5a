/**
 * One fixed colour per arm, the same in every chart. Families differ along blue–orange, the axis that all common
 * colour blindness leaves intact; within a family, arms differ in lightness and are always labelled by name as well.
 * Each colour stands out from white and from the dark page alike (contrast of 3:1 or more), so charts need no second set.
 */

const ARM_COLOURS: Readonly<Record<string, string>> = {
  none: '#7d8590',
  'none-aa': '#7d8590',
  'session-redis': '#0072b2',
  'session-redis-rolling': '#3f6fd8',
  'session-redis-lean': '#2596be',
  'session-memory': '#6a7fdb',
  'session-cached': '#4a8fa8',
  'session-sealed': '#7f6fd0',
  'jwt-hs256': '#d55e00',
  'jwt-hs256-lean': '#bf7030',
  'jwt-hs256-cached': '#b8860b',
  'jwt-rs256': '#c8503c',
  'jwt-es256': '#cf5a8a',
  'jwt-eddsa': '#b5651d',
  'jwt-cookie': '#e0644c',
  'jwt-denylist': '#c0508f',
  'jwt-denylist-open': '#b0609f',
  'jwt-refresh': '#a8781c',
  hybrid: '#00916a',
  dual: '#5f8f2f',
};

/** For arms without an entry of their own, in the order in which the run names them. */
const SPARE_COLOURS = ['#8a6d5a', '#5f8a86', '#9a6fa0', '#808a3a', '#a06a6a', '#5a7fa0'] as const;

/** The colour of each arm, by name. Every arm gets one; spare ones repeat after the sixth. */
export function armColours(armNames: readonly string[]): ReadonlyMap<string, string> {
  const unknown = armNames.filter((name) => !Object.hasOwn(ARM_COLOURS, name));
  return new Map(
    armNames.map((name) => {
      const spare = SPARE_COLOURS[unknown.indexOf(name) % SPARE_COLOURS.length] ?? SPARE_COLOURS[0];
      return [name, Object.hasOwn(ARM_COLOURS, name) ? (ARM_COLOURS[name] ?? spare) : spare];
    }),
  );
}

/** For the parts of a stack, in order. Not arms' colours: a part is not an arm. */
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

/** All colours that data may take, for the test of contrast. */
export const DATA_COLOURS = [...Object.values(ARM_COLOURS), ...SPARE_COLOURS, ...PART_COLOURS];

/** The neutral tones of a chart, each with what the dark page replaces it by. */
export const TONES = {
  ink: { light: '#1b2027', dark: '#e8ebef' },
  muted: { light: '#59636e', dark: '#a0a9b4' },
  faint: { light: '#8b94a0', dark: '#78828e' },
  grid: { light: '#e4e7eb', dark: '#2b3139' },
  ghost: { light: '#c9cfd6', dark: '#434b55' },
  neutral: { light: '#aeb6c0', dark: '#5c6672' },
  surface: { light: '#fefefe', dark: '#14171c' },
} as const;
