/**
 * What a claim is: a statement from the debate, the experiments that test it, and a rule from figures to a verdict.
 * One file each; the rules are pure, and go by intervals: where these overlap there is no verdict.
 */
import type { Figure } from '../../core/results/schema.ts';
import type { Evidence } from './evidence.ts';

/** `cannot be told`: it was measured, and the intervals leave it open. */
export type Verdict = 'holds' | 'holds only if' | 'does not hold' | 'cannot be told' | 'not measured';

/** A figure that stands beside a verdict. Found again in figures.csv by experiment, arm, factors and metric. */
export interface Shown {
  /** What it is, in a few words: `jwt-hs256, after logout`. */
  readonly label: string;
  readonly figure: Figure;
}

export interface Judgement {
  readonly verdict: Verdict;
  /** What `holds only if` goes on with: `the cookie says SameSite=Lax`. Null for the others. */
  readonly condition: string | null;
  /** Sentences made from the figures. */
  readonly because: string;
  /** What would turn the verdict; null where nothing that is measured here would. */
  readonly turns: string | null;
  /** Where the measurement contradicts what is commonly believed, said plainly. */
  readonly contrary: string | null;
  readonly figures: readonly Shown[];
}

export interface Claim {
  /** As the debate is numbered in the documentation. */
  readonly number: number;
  readonly id: string;
  /** A paraphrase, as its holders would put it. */
  readonly statement: string;
  /** Those that the rule needs figures of. */
  readonly experiments: readonly string[];
  /** Charts that show more of it, by id, and the section `browser`; those that a report lacks are not linked. */
  readonly charts: readonly string[];
  /** Null where the run lacks figures that the rule needs. */
  readonly judge: (evidence: Evidence) => Judgement | null;
}

export interface Grounds {
  readonly because: string;
  readonly figures: readonly Shown[];
  readonly turns?: string | null;
  readonly contrary?: string | null;
}

function judgement(verdict: Verdict, condition: string | null, grounds: Grounds): Judgement {
  return { turns: null, contrary: null, ...grounds, verdict, condition };
}

export const holds = (grounds: Grounds) => judgement('holds', null, grounds);
/** @param condition completes `holds only if …` */
export const holdsOnlyIf = (condition: string, grounds: Grounds) => judgement('holds only if', condition, grounds);
export const doesNotHold = (grounds: Grounds) => judgement('does not hold', null, grounds);
export const cannotBeTold = (grounds: Grounds) => judgement('cannot be told', null, grounds);
