/** Chooses the arms of a table if not all fit on a screen: those of the answer, then the first ones. Pure. */
import type { ReportView } from '../../view/view.ts';

export interface Room<T> {
  readonly kept: readonly T[];
  /** The number of items that do not fit, in words; empty if all do. */
  readonly rest: readonly string[];
}

/** The chosen items, in order. @param most the number of lines, including the one for the others */
export function withRoom<T>(all: readonly T[], nameOf: (one: T) => string, view: ReportView, most: number): Room<T> {
  if (all.length <= most) return { kept: all, rest: [] };
  const count = Math.max(1, most - 1);
  const worth = (one: T) => {
    const arm = view.arms.find(({ name }) => name === nameOf(one));
    if (arm?.role === 'baseline' || arm?.tags.includes('reference')) return 0;
    return arm?.tags.includes('representative') ? 1 : 2;
  };
  const chosen = new Set(all.toSorted((a, b) => worth(a) - worth(b)).slice(0, count));
  const left = all.length - chosen.size;
  return { kept: all.filter((one) => chosen.has(one)), rest: [`${left} more`] };
}
