/** The answer of a run: its headline, or the sentences of its charts if it lacks the figures for a headline. */
import type { Statement } from '../view/statement.ts';
import type { ReportView } from '../view/view.ts';
import { CHARTS } from './index.ts';

/** With more than this, it would no longer be a short answer. */
const MOST_CHARTS = 3;

/** Empty if nothing was measured. */
export function answersOf(view: ReportView): readonly Statement[] {
  if (view.headline.length > 0) return view.headline;
  return CHARTS.flatMap((chart) => {
    const figures = chart.figures(view);
    return figures.length === 0 ? [] : [{ text: `${chart.title}. ${chart.sentence(view)}`, figures }];
  }).slice(0, MOST_CHARTS);
}
