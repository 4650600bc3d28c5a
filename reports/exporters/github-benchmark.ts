import { isTrackable, watched } from '../../core/results/history/watched.ts';
import { METRICS } from '../../core/results/metrics.ts';
import type { Figure } from '../../core/results/schema.ts';
import type { ReportFile } from '../write.ts';
import type { Exporter } from './exporter.ts';
import { seriesName } from './series-name.ts';

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
    // Its reader needs at least two characters after the sign.
    range: `± ${half.toPrecision(3)}`,
    extra: [`${100 * confidence} % interval ${low} to ${high}`, `${forks} forks`, ...flags].join('\n'),
  };
}

/**
 * github-action-benchmark has one direction and one alert threshold per file. So there are two files with everything,
 * for charts, and two with the figures that deserve alerts.
 */
export const githubBenchmark: Exporter = {
  name: 'github-action-benchmark',
  render(view) {
    const tracked = view.run.figures.filter(isTrackable);
    const file = (name: string, better: 'smaller' | 'bigger', figures: readonly Figure[]): ReportFile => {
      const entries = figures.filter(({ metric }) => METRICS[metric].better === better).map(entryOf);
      return { path: `${name}-${better}-is-better.json`, content: `${JSON.stringify(entries, null, 1)}\n` };
    };
    const worthAnAlert = watched(tracked);
    return [
      file('benchmark', 'smaller', tracked),
      file('benchmark', 'bigger', tracked),
      file('benchmark-watch', 'smaller', worthAnAlert),
      file('benchmark-watch', 'bigger', worthAnAlert),
    ];
  },
};
