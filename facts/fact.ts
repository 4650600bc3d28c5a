/** A published fact, and the answer of our code. */

/** A published number. */
export interface NumberFact {
  readonly what: string;
  readonly published: number;
  /** The permitted error, in the fact's own unit: half of the last printed digit, or as the comment says. */
  readonly tolerance: number;
  readonly ours: () => number;
}

/** Something that must be accepted or refused. */
export interface VerdictFact {
  readonly what: string;
  readonly published: 'accepted' | 'refused';
  readonly ours: () => 'accepted' | 'refused';
}

export type Fact = NumberFact | VerdictFact;

/** Facts of one publication, or of one program's output. */
export interface Source {
  readonly subject: string;
  /** Author, title and year; or a program with its version and the command. */
  readonly source: string;
  readonly facts: readonly Fact[];
}

export interface FactResult {
  readonly what: string;
  readonly published: number | string;
  readonly ours: number | string;
  /** The error in units of the tolerance; for a verdict, 0 if it is right and at least 1 if not. */
  readonly error: number;
  readonly holds: boolean;
}

export interface SourceResult {
  readonly subject: string;
  readonly source: string;
  readonly results: readonly FactResult[];
}

/** Half a unit of the last digit of a number printed with this many decimals. */
export const printedTo = (decimals: number) => 0.5 * 10 ** -decimals * (1 + 1e-9);

/** Half a unit of the last of this many significant digits. */
export function digits(value: number, significant: number): number {
  return printedTo(significant - 1 - Math.floor(Math.log10(Math.abs(value))));
}

function check(fact: Fact): FactResult {
  const { what, published } = fact;
  if (typeof published === 'string') {
    const ours = (fact as VerdictFact).ours();
    return { what, published, ours, error: ours === published ? 0 : 1, holds: ours === published };
  }
  const { tolerance, ours: answer } = fact as NumberFact;
  const ours = answer();
  const error = Math.abs(ours - published) / tolerance;
  return { what, published, ours, error, holds: error <= 1 };
}

export function checkSource({ subject, source, facts }: Source): SourceResult {
  return { subject, source, results: facts.map(check) };
}
