import { expect, test } from 'vitest';
import { figure } from '../testing/figure.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { buildView } from '../view/view.ts';
import { bencher } from './bencher.ts';
import type { Exporter } from './exporter.ts';
import { githubBenchmark } from './github-benchmark.ts';

const run = {
  ...sampleRun(),
  figures: [
    { ...figure('jwt-hs256', 'cpu_toll_us', 20), low: 18, high: 23 },
    { ...figure('jwt-hs256', 'throughput_rps', 9000), low: 8800, high: 9100 },
    {
      ...figure('jwt-hs256', 'latency_us', 2.5, { experiment: 'latency', factors: { quantile: 0.99 } }),
      low: 2,
      high: 3,
    },
    figure('jwt-hs256', 'asked_rate_rps', 100),
    { ...figure('none', 'throughput_rps', 1), source: 'model' as const },
  ],
};
const files = (exporter: Exporter) =>
  new Map(exporter.render(buildView(run), []).map(({ path, content }) => [path, JSON.parse(content) as unknown]));

test('Bencher gets each measure under its benchmark, with bounds, and latency in the ns that it expects', () => {
  expect(files(bencher).get('bencher.json')).toEqual({
    'toll / jwt-hs256': {
      cpu_toll_us: { value: 20, lower_value: 18, upper_value: 23 },
      throughput: { value: 9000, lower_value: 8800, upper_value: 9100 },
    },
    'latency / jwt-hs256 (quantile=0.99)': { latency: { value: 2500, lower_value: 2000, upper_value: 3000 } },
  });
});

test('github-action-benchmark gets one file for each direction', () => {
  const written = files(githubBenchmark);
  expect(written.get('benchmark-bigger-is-better.json')).toMatchObject([
    { name: 'toll / jwt-hs256: throughput_rps', unit: 'req/s', value: 9000, range: '± 200' },
  ]);
  expect(written.get('benchmark-smaller-is-better.json')).toMatchObject([
    { name: 'toll / jwt-hs256: cpu_toll_us', unit: 'µs', value: 20, range: '± 3' },
    { name: 'latency / jwt-hs256 (quantile=0.99): latency_us', value: 2.5 },
  ]);
});
