import { plainMark } from '../../../core/text/flags.ts';
import { formatEstimate, formatValue } from '../../../core/text/format.ts';
import { compareSentence } from '../../../core/text/sentences.ts';
import { type ArmFigure, tollFigures } from '../../view/figures.ts';
import type { ReportView } from '../../view/view.ts';
import type { Chart } from '../shapes/chart.ts';
import { rankedSpec } from '../shapes/ranked.ts';

const words = {
  least: 'uses the least CPU time',
  leastPlural: 'use the least CPU time',
  most: 'uses the most',
  mostPlural: 'use the most',
};

function arms(view: ReportView): ArmFigure[] {
  return tollFigures(view.run, 'cpu_us_per_request').sort((a, b) => a.value - b.value);
}

/** The headline chart: CPU per request of every arm, the baseline marked. */
export const toll: Chart = {
  id: 'toll',
  title: 'Cost of one authenticated request',
  experiment: 'toll',
  note: 'CPU time in the replica (the server process). Dot: the estimate. Thick line: its confidence interval. Dashed: the baseline, the same request without authentication. ×: multiple of the baseline.',
  figures: arms,
  sentence(view) {
    const guarded = arms(view).filter((figure) => figure.arm !== view.baseline?.name);
    const ratios = tollFigures(view.run, 'cpu_ratio_to_baseline');
    // Ratios are paired within blocks, so they separate arms that absolute values, which drift, do not.
    const compared = ratios.length === guarded.length ? ratios : guarded;
    const sentence = compareSentence(
      compared.map((figure) => ({ ...figure, name: figure.arm })),
      words,
    );
    if (sentence === null) return 'Only the baseline was measured.';
    const against = compared === ratios ? ', relative to the baseline' : '';
    return `Of ${compared.length} arms${against}, ${sentence}.`;
  },
  spec(view, canvas) {
    const figures = arms(view);
    if (figures.length === 0) return null;
    const ratios = new Map(tollFigures(view.run, 'cpu_ratio_to_baseline').map((figure) => [figure.arm, figure]));
    const rows = figures.map((figure) => {
      const ratio = ratios.get(figure.arm);
      const times = figure.arm === view.baseline?.name ? ' · baseline' : ratio ? ` · ${formatValue(ratio)}` : '';
      return {
        ...figure,
        label: figure.arm,
        colour: view.arms.find((arm) => arm.name === figure.arm)?.colour ?? '',
        text: `${formatEstimate(figure)}${times}${plainMark(figure, ...(ratio ? [ratio] : []))}`,
      };
    });
    const baseline = figures.find((figure) => figure.arm === view.baseline?.name);
    return rankedSpec(rows, canvas, {
      axisTitle: 'CPU in the replica, µs per request',
      scale: 'linear',
      ...(baseline === undefined ? {} : { reference: { value: baseline.value, label: 'baseline' } }),
    });
  },
};
