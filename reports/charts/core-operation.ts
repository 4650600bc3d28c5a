/** Sentences on the tolls of arms as multiples of the operations that their schemes need. Pure. */
import { formatEstimate, list } from '../../core/text/format.ts';
import type { ArmFigure } from '../view/figures.ts';

/** A ratio that may be zero or less is noise: no multiple. */
const isMultiple = ({ low }: ArmFigure) => low > 0;

/** @param ratios toll to core operation, the smallest first @returns which arm is closest; empty without a multiple */
export function nearestSentence(ratios: readonly ArmFigure[]): string {
  const first = ratios.find(isMultiple);
  if (first === undefined) return '';
  return `Closest to its core operation is ${first.arm}: its toll is ${formatEstimate(first)} that operation.`;
}

/** @param ratios toll to all operations, the smallest first @returns which arm is furthest; empty without a multiple */
export function furthestSentence(ratios: readonly ArmFigure[]): string {
  const last = ratios.findLast(isMultiple);
  if (last === undefined) return '';
  return `Furthest from the sum of its operations is ${last.arm}: its toll is ${formatEstimate(last)} that sum.`;
}

/** @returns which arms have a ratio that is no multiple, each once; empty if none has */
export function noMultipleSentence(ratios: readonly ArmFigure[]): string {
  const arms = new Set(ratios.filter((ratio) => !isMultiple(ratio)).map(({ arm }) => arm));
  return arms.size === 0 ? '' : `The toll of ${list([...arms])} is not clearly above zero.`;
}

/** The ratio if it is a multiple; null otherwise. */
export const multipleOf = (ratio: ArmFigure | null): ArmFigure | null =>
  ratio !== null && isMultiple(ratio) ? ratio : null;
