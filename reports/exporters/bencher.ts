import { isTrackable, watched } from '../../core/results/history/watched.ts';
import type { Figure } from '../../core/results/schema.ts';
import type { Exporter } from './exporter.ts';
import { seriesName } from './series-name.ts';

interface Measure {
  value: number;
  lower_value?: number;
  upper_value?: number;
}

/** Bencher's own `latency` is in ns and `throughput` in operations per second; all other measures keep our names. */
const OWN_MEASURES: Readonly<Record<string, { readonly name: string; readonly by: number }>> = {
  latency_us: { name: 'latency', by: 1000 },
  throughput_rps: { name: 'throughput', by: 1 },
};

function measureOf({ metric, value, low, high }: Figure): readonly [string, Measure] {
  const { name, by } = OWN_MEASURES[metric] ?? { name: metric, by: 1 };
  return [name, { value: value * by, lower_value: low * by, upper_value: high * by }];
}

/** Bencher strips this suffix from a name, and raises no alerts for its measures. */
const NO_ALERT = '-bencher-ignore';
/** Watched figures have a separate benchmark, next to the others of the same arm. */
const WATCHED = 'watch / ';

/** Bencher Metric Format (bencher.dev): `{benchmark: {measure: {value, lower_value, upper_value}}}`. */
export const bencher: Exporter = {
  name: 'bencher',
  render(view) {
    const benchmarks: Record<string, Record<string, Measure>> = {};
    const tracked = view.run.figures.filter(isTrackable);
    const chosen = new Set(watched(tracked));
    for (const figure of tracked) {
      const [measure, value] = measureOf(figure);
      const name = chosen.has(figure) ? `${WATCHED}${seriesName(figure)}` : `${seriesName(figure)}${NO_ALERT}`;
      benchmarks[name] = { ...benchmarks[name], [measure]: value };
    }
    return [{ path: 'bencher.json', content: `${JSON.stringify(benchmarks, null, 1)}\n` }];
  },
};
