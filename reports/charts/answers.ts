/** The answer of a run: its headline, or what its charts say where it has none of the figures that a headline needs. */
import type { Statement } from '../view/statement.ts';
import type { ReportView } from '../view/view.ts';
import { CHARTS } from './index.ts';

/** More would be no answer. */
const MOST_CHARTS = 3;

/** Empty where nothing was measured. */
export function answersOf(view: ReportView): readonly Statement[] {
  if (view.headline.length > 0) return view.headline;
  return CHARTS.flatMap((chart) => {
    const figures = chart.figures(view);
    return figures.length === 0 ? [] : [{ text: `${chart.title}. ${chart.sentence(view)}`, figures }];
  }).slice(0, MOST_CHARTS);
}
