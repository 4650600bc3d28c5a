/**
 * The interface of a claim: a common statement, the experiments that test it, and a rule from figures to a verdict.
 * One file each. The rules are pure. They compare costs of two arms by the ratio within the same blocks.
 */
import type { Evidence } from './evidence.ts';
import type { Shown } from './shown.ts';

/** `inconclusive`: it was measured, but the intervals allow either answer. */
export type Verdict = 'holds' | 'holds only if' | 'does not hold' | 'inconclusive' | 'not measured';

export interface Judgement {
  readonly verdict: Verdict;
  /** The condition that completes `holds only if`: `the cookie has SameSite=Lax`. Null for the others. */
  readonly condition: string | null;
  /** Sentences generated from the figures. */
  readonly because: string;
  /** What would change the verdict; null if no measurement here could. */
  readonly turns: string | null;
  /** How the measurement contradicts common belief; null if it does not. */
  readonly contrary: string | null;
  readonly figures: readonly Shown[];
}

export interface Claim {
  /** The number of the claim in the documentation. */
  readonly number: number;
  readonly id: string;
  /** A paraphrase, in the words of its proponents. */
  readonly statement: string;
  /** The experiments whose figures the rule needs. */
  readonly experiments: readonly string[];
  /** Related charts, by id, and the section `browser`; those that a report lacks are not linked. */
  readonly charts: readonly string[];
  /** Null if the run lacks figures that the rule needs. */
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
export const inconclusive = (grounds: Grounds) => judgement('inconclusive', null, grounds);
