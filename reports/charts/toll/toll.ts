import { plainMark } from '../../../core/text/flags.ts';
import { counted, formatEstimate, formatValue } from '../../../core/text/format.ts';
import { compareSentence } from '../../../core/text/sentences.ts';
import { type ArmFigure, tollFigures } from '../../view/figures.ts';
import { withInheritedFlags } from '../../view/statement.ts';
import type { ReportView } from '../../view/view.ts';
import type { Chart } from '../shapes/chart.ts';
import { drawRanked } from '../shapes/ranked.ts';
import { tipOf } from '../shapes/tip.ts';

const words = {
  least: 'uses the least CPU time',
  leastPlural: 'use the least CPU time',
  most: 'uses the most',
  mostPlural: 'use the most',
};

/** Replica and Redis together; older results show only the replica. */
function arms(view: ReportView): ArmFigure[] {
  const totals = tollFigures(view.run, 'total_cpu_us_per_request');
  const figures = totals.length > 0 ? totals : tollFigures(view.run, 'cpu_us_per_request');
  return figures
    .map((figure) => ({ ...withInheritedFlags(figure, view.run.figures), arm: figure.arm }))
    .sort((a, b) => a.value - b.value);
}

const ratiosOf = ({ decisions }: ReportView) =>
  new Map(decisions.flatMap(({ arm, ratio }) => (ratio === null ? [] : [[arm.name, ratio]])));

/** The headline chart: CPU per request of every arm, the baseline marked. */
export const toll: Chart = {
  id: 'toll',
  title: 'Cost of one authenticated request',
  experiment: 'toll',
  note: 'CPU time of the replica (the server process) and of the servers that it calls: Redis, an authorization server or a database. Dot: the estimate. Thick line: its confidence interval. Dashed: the baseline, the same request without authentication. ×: multiple of the baseline. These intervals include the drift of the machine, so arms whose intervals overlap may still differ: compare arms by their ratio in the same blocks.',
  figures: arms,
  sentence(view) {
    const guarded = arms(view).filter((figure) => figure.arm !== view.baseline?.name);
    const sentence = compareSentence(
      guarded.map((figure) => ({ ...figure, name: figure.arm })),
      words,
      { pairs: view.ranking?.costs ?? null },
    );
    if (sentence === null) return 'Only the baseline was measured.';
    return `Of ${counted(guarded.length, 'arm')}, ${sentence}.`;
  },
  draw(view, canvas) {
    const figures = arms(view);
    if (figures.length === 0) return null;
    const ratios = ratiosOf(view);
    const rows = figures.map((figure) => {
      const ratio = ratios.get(figure.arm);
      const times = figure.arm === view.baseline?.name ? ' · baseline' : ratio ? ` · ${formatValue(ratio)}` : '';
      return {
        ...figure,
        label: figure.arm,
        tip: tipOf(figure.arm, figure, ...(ratio ? [ratio] : [])),
        colour: view.arms.find((arm) => arm.name === figure.arm)?.colour ?? '',
        text: `${formatEstimate(figure)}${times}${plainMark(figure, ...(ratio ? [ratio] : []))}`,
      };
    });
    const baseline = figures.find((figure) => figure.arm === view.baseline?.name);
    return drawRanked(rows, canvas, {
      axisTitle: 'CPU of an arm’s servers, µs per request',
      scale: 'linear',
      ...(baseline === undefined ? {} : { reference: { value: baseline.value, label: 'baseline' } }),
    });
  },
};
