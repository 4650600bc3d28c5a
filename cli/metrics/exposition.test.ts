/** Checks the metrics of a run for Prometheus, and that the dashboard queries existing ones. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testHeader, testSlice } from '../../bench/testing/slices.ts';
import { LatencyHistogram } from '../../core/results/histogram.ts';
import { readExposition, type Scrape } from '../../test/support/watching/exposition.ts';
import { RunCollector } from './collect.ts';
import { expose } from './exposition.ts';
import { LATENCY_METRIC, RUN_METRICS } from './run-metrics.ts';

const encoded = (...micros: number[]) => {
  const histogram = LatencyHistogram.empty();
  for (const each of micros) histogram.record(each);
  return histogram.encode();
};

async function scrapeOf(collector: RunCollector): Promise<Scrape> {
  return readExposition(await expose(() => collector.state()).text());
}

const collector = new RunCollector([{ name: 'latency', seconds: 60 }]);
const hostile = 'a "quoted" \\ name\nand more';
collector.add({ ...testHeader, runId: hostile });
const slice = testSlice({
  experiment: 'latency',
  arm: 'jwt-hs256',
  mode: 'open',
  measures: { replica_cpu_ns: 3e9, redis_cpu_ns: 1e9, redis_commands: 50, generator_cpu_ns: 2e9 },
  histograms: { corrected: encoded(400, 900, 900, 20_000), machine: encoded(10, 30_000) },
});
collector.add({ ...slice, unexpected: 2, failed: 1, flags: ['machine-stalled'] });
collector.add({ ...slice, block: 1 });

describe('the metrics of a run', () => {
  it('are in the exposition format, with known values', async () => {
    const { samples, types } = await scrapeOf(collector);
    const value = (name: string, labels: Record<string, string> = {}) =>
      samples.find((one) => one.name === name && Object.entries(labels).every(([key, is]) => one.labels[key] === is))
        ?.value;
    const arm = { experiment: 'latency', arm: 'jwt-hs256' };
    expect(samples.find(({ name }) => name === 'tollgate_run_info')?.labels.run).toBe(hostile);
    expect(value('tollgate_requests_total', arm)).toBe(200);
    expect(value('tollgate_errors_total', arm)).toBe(3);
    expect(value('tollgate_cpu_seconds_total', { ...arm, role: 'replica' })).toBe(6);
    expect(value('tollgate_cpu_seconds_total', { ...arm, role: 'redis' })).toBe(2);
    expect(value('tollgate_cpu_seconds_total', { experiment: 'latency', role: 'generator' })).toBe(4);
    expect(value('tollgate_redis_commands_total', arm)).toBe(100);
    expect(value('tollgate_flagged_slices_total', { flag: 'machine-stalled' })).toBe(1);
    expect(value('tollgate_hiccup_max_seconds')).toBeCloseTo(0.03, 3);
    expect(value('tollgate_experiment_planned_seconds', { experiment: 'latency' })).toBe(60);
    expect(types.get('tollgate_latency_seconds')).toBe('histogram');
    const buckets = samples.filter(({ name }) => name === 'tollgate_latency_seconds_bucket');
    const counts = new Map(buckets.map(({ labels, value: count }) => [labels.le, count]));
    expect([counts.get('0.00025'), counts.get('0.0005'), counts.get('0.001'), counts.get('0.025')]).toEqual([
      0, 2, 6, 8,
    ]);
    expect(counts.get('+Inf')).toBe(8);
    expect(value('tollgate_latency_seconds_count')).toBe(8);
    expect(value('tollgate_latency_seconds_sum')).toBeCloseTo(2 * 0.0222, 4);
  });

  it('are the same at a second scrape, so that nothing is counted twice', async () => {
    const both = [await scrapeOf(collector), await scrapeOf(collector)].map(({ samples }) =>
      samples.filter(({ name }) => /_total$|_bucket$/.test(name) && !name.includes('harness')),
    );
    expect(both[1]).toEqual(both[0]);
  });

  it('have the labels and the types in the table', async () => {
    const { samples, types } = await scrapeOf(collector);
    for (const { name, type, labels } of RUN_METRICS) {
      expect(types.get(name), name).toBe(type);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      for (const sample of samples.filter((one) => one.name === name))
        expect(Object.keys(sample.labels).sort(), name).toEqual([...labels].sort());
    }
  });
});

describe('the Grafana dashboard', () => {
  interface Panel {
    readonly id: number;
    readonly title: string;
    readonly description: string;
    readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
    readonly gridPos: { readonly x: number; readonly w: number };
  }
  const file = join(import.meta.dirname, '../../deploy/grafana/run.json');
  const { panels } = JSON.parse(readFileSync(file, 'utf8')) as { readonly panels: readonly Panel[] };
  const labelsOf = new Map<string, readonly string[]>([
    ...RUN_METRICS.map(({ name, labels }) => [name, labels] as const),
    [`${LATENCY_METRIC.name}_bucket`, [...LATENCY_METRIC.labels, 'le']],
  ]);
  const queries = panels.flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => [`${title}: ${expr}`, expr, legendFormat] as const),
  );

  it('has panels with distinct ids, descriptions, and positions within the page', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { title, description, gridPos } of panels) {
      expect(description, title).toMatch(/^[A-Z].*\.$/);
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
    }
  });

  it.each(queries)('queries existing metrics: %s', (_, expr, legend) => {
    const names = [...expr.matchAll(/\btollgate_\w+/g)].map(([name]) => name);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect([...labelsOf.keys()], name).toContain(name);
    const known = new Set(names.flatMap((name) => labelsOf.get(name) ?? []));
    const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));
    const selected = [...expr.matchAll(/(\w+)(?:=~|!=|!~|=)"/g)].map(([, label = '']) => label);
    const shown = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
    for (const label of [...grouped, ...selected, ...shown]) expect([...known], label).toContain(label);
    // A legend can use only labels that the query keeps.
    if (grouped.length > 0) for (const label of shown) expect(grouped).toContain(label);
    // A counter is meaningless as a curve without a rate.
    for (const name of names.filter((one) => one.endsWith('_total')))
      if (expr.includes('by (')) expect(expr).toContain(`rate(${name}`);
  });

  it('shows every metric of the run', () => {
    const asked = queries.map(([, expr]) => expr).join(' ');
    for (const name of [...labelsOf.keys()].filter((one) => one !== 'tollgate_run_elapsed_seconds'))
      expect(asked, name).toContain(name);
  });
});
