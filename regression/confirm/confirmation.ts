/** A second measurement of failing results: whether it agrees, and how often both would fail by chance. Pure. */

import { formatUpTo } from '../../core/text/format.ts';
import type { ThresholdResult } from '../../core/thresholds/judge.ts';
import type { ArmComparison } from '../compare/compare.ts';
import type { Explanation } from '../explain/explain.ts';
import { answerTo, type Red, redOf } from './red.ts';

/** One reason for failing, measured twice. */
export interface Finding extends Red {
  /** `not-measured`: the second measurement gave no answer, so the first one counts. */
  readonly outcome: 'confirmed' | 'not-confirmed' | 'not-measured';
  /** What the second measurement says, in words. */
  readonly second: string;
}

export interface Confirmation {
  readonly startedAt: string;
  readonly seconds: number;
  /** A different seed than in the first measurement. */
  readonly seed: number;
  readonly interrupted: boolean;
  /** The machine classes of the first and the second measurement. */
  readonly machineClasses: readonly [first: string, second: string];
  /** True if the first measurement was read from a file: another process, and perhaps another machine, made it. */
  readonly fromFile: boolean;
  readonly findings: readonly Finding[];
  readonly errorRate: JointErrorRate;
  /** The arms that were measured again. */
  readonly arms: readonly ArmComparison[];
  /** The cause of the regression; null if none was confirmed. */
  readonly explanation: Explanation | null;
}

/** How often identical builds would be called slower. All are upper bounds. */
export interface JointErrorRate {
  /** Arms times costs: each may be called slower by chance. */
  readonly questions: number;
  /** The error rate of one measurement of one question, a mean over the questions. */
  readonly single: number;
  /** The error rate of two measurements of the same question, over all questions. */
  readonly joint: number;
}

/** A cost is called slower by its whole or by its garbage collection. */
const WAYS_TO_BE_SLOWER = 2;

/**
 * An interval misses the truth on the slower side with probability at most (1 − confidence)/2, over all its looks: each
 * by itself, or on average over the arms if they inform each other's spread.
 * Two measurements that are independent given the builds both err with at most the square of that, and all questions
 * with at most the sum (Boole's inequality). @param questions at least 0 @param confidence of one interval, between 0
 * and 1
 */
export function jointErrorRate(questions: number, confidence: number): JointErrorRate {
  const single = Math.min(1, (WAYS_TO_BE_SLOWER * (1 - confidence)) / 2);
  return { questions, single, joint: Math.min(1, questions * single ** 2) };
}

/** The second measurement's result for each reason for failing. */
export function findingsOf(
  first: readonly Red[],
  arms: readonly ArmComparison[],
  limits: readonly ThresholdResult[],
): Finding[] {
  const again = redOf(arms, limits);
  return first.map((red): Finding => {
    const same = again.find((one) => one.arm === red.arm && one.question === red.question && one.kind === red.kind);
    if (same !== undefined && red.arm !== null) return { ...red, outcome: 'confirmed', second: same.text };
    const answer = red.arm === null ? null : answerTo(red, arms, limits);
    if (answer === null) return { ...red, outcome: 'not-measured', second: 'it was not measured again' };
    return { ...red, outcome: 'not-confirmed', second: answer };
  });
}

/** Findings that fail the comparison: a first verdict counts until a second one contradicts it. */
export const standing = ({ findings }: Pick<Confirmation, 'findings'>): Finding[] =>
  findings.filter(({ outcome }) => outcome !== 'not-confirmed');

/** Findings that the second measurement did not confirm. */
export const dropped = ({ findings }: Pick<Confirmation, 'findings'>): Finding[] =>
  findings.filter(({ outcome }) => outcome === 'not-confirmed');

/** `none: cpu_us_per_request is 1.05 × …; measured again: 1.06 × …`. */
export function findingText({ arm, kind, text, second, outcome }: Finding): string {
  // The text of a limit begins with its arm.
  const subject = arm === null || kind === 'limit' ? '' : `${arm}: `;
  if (outcome === 'not-measured') return `${subject}${text}; ${second}`;
  return `${subject}${text}; measured again: ${second}`;
}

/** The outcome of the whole comparison, in a word: the worst one that the second measurement knows. */
export function outcomeOf({ findings }: Pick<Confirmation, 'findings'>): Finding['outcome'] {
  const has = (outcome: Finding['outcome']) => findings.some((finding) => finding.outcome === outcome);
  if (has('confirmed')) return 'confirmed';
  return has('not-measured') ? 'not-measured' : 'not-confirmed';
}

/** How the second measurement was made, and what it is worth. */
export function confirmationNotes({ machineClasses, fromFile, errorRate, seed, findings }: Confirmation): string[] {
  const [first, second] = machineClasses;
  const where =
    first === second
      ? `on a machine of the same class (${second})`
      : `on a machine of another class: ${second}, and first ${first}`;
  const how = `Measured again in fresh processes, from a fresh copy of both builds, with seed ${seed}, ${
    fromFile ? where : 'on the same machine'
  }.`;
  if (!findings.some(({ kind }) => kind === 'cost')) return [how];
  const { questions, single, joint } = errorRate;
  const shared =
    first === second ? 'a bias of this machine class affects both' : 'the machines are of different classes';
  return [
    how,
    `By chance, one measurement reports equal builds as slower in at most ${percent(single)} of arms and costs, and both ` +
      `in at most ${percent(joint)}${questions === 1 ? '' : ` for all ${questions} of them`}. That holds if the two measurements are independent, ` +
      `given the builds; ${shared}.`,
  ];
}

const percent = (share: number) => `${formatUpTo(100 * share, 4)} %`;
