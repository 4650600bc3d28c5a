import { expect, test } from 'vitest';
import type { Figure } from '../core/results/schema.ts';
import { figure } from '../reports/testing/figure.ts';
import { sampleRun } from '../reports/testing/sample-run.ts';
import { summary } from './summary.ts';
import { latencyTable } from './tables.ts';

const experiment = 'latency';

function run(figures: Figure[]) {
  return { ...sampleRun(), figures };
}

function latency(load_pct: number, timing: string, quantile: string, value: number, spread = 0.1) {
  return figure('jwt-hs256', 'latency_us', value, { experiment, factors: { load_pct, timing, quantile }, spread });
}

test('latency is shown in milliseconds with its interval, loads rising, corrected beside uncorrected', () => {
  const [, head, ...rows] = latencyTable(
    run([
      latency(90, 'corrected', 'p50', 2_000),
      latency(50, 'corrected', 'p50', 1_000),
      latency(50, 'corrected', 'p99', 4_000),
      latency(50, 'corrected', 'p99.9', 9_000),
      latency(50, 'service', 'p99', 3_000),
      figure('jwt-hs256', 'machine_lateness_us', 512.3, { experiment, factors: { load_pct: 50, quantile: 'p99' } }),
    ]),
  );
  const columns = (line: string | undefined) => line?.trim().split(/ {2,}/);
  expect(columns(head)).toEqual(['arm', 'load', 'p50', 'p99', 'p99.9', 'p99 from sending', 'machine p99']);
  expect(rows.map(columns)).toEqual([
    ['jwt-hs256', '50 %', '1.00 [0.90–1.10]', '4.00 [3.60–4.40]', '9.0 [8.1–9.9]', '3.00 [2.70–3.30]', '0.512'],
    ['jwt-hs256', '90 %', '2.00 [1.80–2.20]'],
  ]);
});

test('a flagged latency carries its mark', () => {
  const flagged = { ...latency(90, 'corrected', 'p50', 2_000), flags: ['rate-missed' as const] };
  expect(latencyTable(run([flagged])).at(-1)).toMatch(/2\.00 \[1\.80–2\.20\] \*/);
});

test('capacity alone makes no table of latency', () => {
  expect(latencyTable(run([figure('none', 'throughput_rps', 9_800, { experiment })]))).toEqual([]);
});

test('the end of a run shows the table', () => {
  expect(summary(sampleRun(), 'results/latest')).toContain('Latency in ms');
});
