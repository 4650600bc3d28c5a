/** The flags of a run, each with the letter that marks its figures: the same in every report. */
import { FLAG_NAMES, FLAGS, type Flag } from '../results/flags.ts';
import type { Figure, Run } from '../results/schema.ts';
import { counted } from './format.ts';

/** Shown next to a flagged figure, before the letters of its flags. */
export const FLAG_MARK = '†';

export interface MarkedFlag {
  readonly name: Flag;
  readonly letter: string;
  readonly title: string;
  readonly advice: string;
  /** The number of figures of the run with this flag. */
  readonly figures: number;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The letter of a flag by its position in the list of all flags, so that it is the same in every report. */
export function letterOf(flag: Flag): string {
  return LETTERS.charAt(FLAG_NAMES.indexOf(flag));
}

/** Only the flags that occur, in the order of the list of all flags. */
export function markFlags(run: Run): MarkedFlag[] {
  const present = new Set<Flag>([...run.flags, ...run.figures.flatMap((figure) => figure.flags)]);
  return FLAG_NAMES.filter((name) => present.has(name)).map((name) => ({
    name,
    letter: letterOf(name),
    title: FLAGS[name].title,
    advice: FLAGS[name].advice,
    figures: run.figures.filter((figure) => figure.flags.includes(name)).length,
  }));
}

/** What a flag marks: `3 figures`, or `the whole run`, of which no figure has the mark. */
export function flagScope({ figures }: MarkedFlag): string {
  return figures === 0 ? 'the whole run' : counted(figures, 'figure');
}

/** The flags of `all` that any of the figures has. */
export function flagsOf(figures: readonly Figure[], all: readonly MarkedFlag[]): MarkedFlag[] {
  return all.filter((flag) => figures.some((figure) => figure.flags.includes(flag.name)));
}

/** ` †` after the text of a flagged figure where no link is possible: in a chart. */
export function plainMark(...figures: readonly Figure[]): string {
  return figures.some((figure) => figure.flags.length > 0) ? ` ${FLAG_MARK}` : '';
}

/** `†a,c`: the mark and the letters of these figures' flags; empty for none. */
export function letterMarks(figures: readonly Figure[], all: readonly MarkedFlag[]): string {
  const letters = flagsOf(figures, all).map((flag) => flag.letter);
  return letters.length === 0 ? '' : `${FLAG_MARK}${letters.join(',')}`;
}
