import { expect, test } from 'vitest';
import { figure } from '../../testing/figure.ts';
import { cells, PLAIN, viewOf } from '../../testing/output.ts';
import { latencyTable } from './latency.ts';

const experiment = 'latency';

function latency(load_pct: number, timing: string, quantile: string, value: number, spread = 0.1) {
  return figure('jwt-hs256', 'latency_us', value, { experiment, factors: { load_pct, timing, quantile }, spread });
}

test('latency is in milliseconds with its interval, by increasing load, corrected and uncorrected', () => {
  const lines = latencyTable(
    viewOf([
      latency(90, 'corrected', 'p50', 2_000),
      latency(50, 'corrected', 'p50', 1_000),
      latency(50, 'corrected', 'p99', 4_000),
      latency(50, 'corrected', 'p99.9', 9_000),
      latency(50, 'service', 'p99', 3_000),
      figure('jwt-hs256', 'machine_lateness_us', 512.3, {
        experiment,
        factors: { load_pct: 50, quantile: 'p99' },
        spread: 0,
      }),
    ]),
    { ...PLAIN, width: 120 },
  );
  expect(cells(lines.slice(1))).toEqual([
    ['p99 since', 'Machine'],
    ['Arm, load', 'p50', 'p99', 'p99.9', 'sent', 'p99'],
    [...['jwt-hs256', '50 %', '1.0 [0.9–1.1]', '4.0 [3.6–4.4]', '9.0 [8.1–9.9]', '3.0 [2.7–3.3]'], '0.512'],
    ['jwt-hs256', '90 %', '2.0 [1.8–2.2]', '—', '—', '—', '—'],
  ]);
});

test('a flagged latency has the letter of its flag', () => {
  const flagged = { ...latency(90, 'corrected', 'p50', 2_000), flags: ['rate-missed' as const] };
  expect(latencyTable(viewOf([flagged]), PLAIN).at(-1)).toMatch(/2\.0 \[1\.8–2\.2\] †f$/);
});

test('capacity alone gives no table of latency', () => {
  expect(latencyTable(viewOf([figure('none', 'throughput_rps', 9_800, { experiment })]), PLAIN)).toEqual([]);
});
