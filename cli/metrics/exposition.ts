/** The metrics of a run in Prometheus' text format, by its client library. */
import { Counter, Gauge, type Metric, Registry } from 'prom-client';
import { LATENCY_METRIC, RUN_METRICS, type RunMetric, type RunState } from './run-metrics.ts';

export interface Exposition {
  readonly contentType: string;
  text(): Promise<string>;
}

/** @param state called at each scrape */
export function expose(state: () => RunState): Exposition {
  const registry = new Registry();
  for (const metric of RUN_METRICS) register(metric, registry, state);
  // The library's histograms are filled from single values; these are already counted.
  registry.registerMetric(new Latencies(state) as unknown as Metric);
  return { contentType: registry.contentType, text: () => registry.metrics() };
}

function register({ name, type, help, labels, values }: RunMetric, registry: Registry, state: () => RunState): void {
  const options = { name, help, labelNames: [...labels], registers: [registry] };
  if (type === 'gauge') {
    new Gauge({
      ...options,
      collect() {
        this.reset();
        for (const [own, value] of values(state())) this.set(own, value);
      },
    });
    return;
  }
  new Counter({
    ...options,
    collect() {
      this.reset();
      for (const [own, value] of values(state())) this.inc(own, value);
    },
  });
}

/** Latencies in the form that the library expects of its metrics. */
class Latencies {
  readonly name = LATENCY_METRIC.name;
  readonly #state: () => RunState;

  constructor(state: () => RunState) {
    this.#state = state;
  }

  async get() {
    const { name, help, bucketsMicros } = LATENCY_METRIC;
    const values = [...this.#state().latencies].flatMap(([key, histogram]) => {
      const [experiment = '', arm = ''] = key.split(' ');
      const labels = { experiment, arm };
      const counts = histogram.countsUpTo(bucketsMicros);
      const bucket = (le: string, value: number) => ({
        metricName: `${name}_bucket`,
        labels: { ...labels, le },
        value,
      });
      return [
        ...bucketsMicros.map((micros, i) => bucket(String(micros / 1e6), counts[i] ?? 0)),
        bucket('+Inf', histogram.count),
        { metricName: `${name}_sum`, labels, value: (histogram.meanMicros * histogram.count) / 1e6 },
        { metricName: `${name}_count`, labels, value: histogram.count },
      ];
    });
    return { name, help, type: 'histogram', values, aggregator: 'sum' };
  }
}
