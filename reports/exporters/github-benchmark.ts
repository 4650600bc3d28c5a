import { METRICS } from '../../core/results/metrics.ts';
import type { Figure } from '../../core/results/schema.ts';
import type { Exporter, ReportFile } from './exporter.ts';
import { exported, seriesName } from './series-name.ts';

interface Entry {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly range: string;
  readonly extra: string;
}

function entryOf(figure: Figure): Entry {
  const { metric, unit, value, low, high, confidence, forks, flags } = figure;
  const half = Math.max(high - value, value - low);
  return {
    name: `${seriesName(figure)}: ${metric}`,
    unit,
    value,
    range: `± ${Number(half.toPrecision(3))}`,
    extra: [`${100 * confidence} % interval ${low} to ${high}`, `${forks} forks`, ...flags].join('\n'),
  };
}

/** github-action-benchmark: the direction is one for a whole file, so there are two. */
export const githubBenchmark: Exporter = {
  name: 'github-action-benchmark',
  render(view) {
    const file = (better: 'smaller' | 'bigger'): ReportFile => ({
      path: `benchmark-${better}-is-better.json`,
      content: `${JSON.stringify(
        exported(view.whole.figures)
          .filter(({ metric }) => METRICS[metric].better === better)
          .map(entryOf),
        null,
        1,
      )}\n`,
    });
    return [file('smaller'), file('bigger')];
  },
};
