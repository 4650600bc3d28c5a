/** Sentences on an arm's toll as a multiple of the operations that its scheme needs. Pure. */
import { formatEstimate } from '../../core/text/format.ts';
import type { ArmFigure } from '../view/figures.ts';

/** A ratio that may be zero or less is noise: no multiple. */
const isMultiple = ({ low }: ArmFigure) => low > 0;

const noMultiple = ({ arm }: ArmFigure) => `The toll of ${arm} is not clearly above zero.`;

/** @param ratios toll to core operation, the smallest first @returns which arm is closest; empty without ratios */
export function nearestSentence([first]: readonly ArmFigure[]): string {
  if (first === undefined) return '';
  if (!isMultiple(first)) return noMultiple(first);
  return `Closest to its core operation is ${first.arm}: its toll is ${formatEstimate(first)} that operation.`;
}

/** @param ratios toll to all operations, the smallest first @returns which arm is furthest; empty without ratios */
export function furthestSentence(ratios: readonly ArmFigure[]): string {
  const last = ratios.at(-1);
  if (last === undefined) return '';
  if (!isMultiple(last)) return noMultiple(last);
  return `Furthest from the sum of its operations is ${last.arm}: its toll is ${formatEstimate(last)} that sum.`;
}

/** The ratio if it is a multiple; null otherwise. */
export const multipleOf = (ratio: ArmFigure | null): ArmFigure | null =>
  ratio !== null && isMultiple(ratio) ? ratio : null;
