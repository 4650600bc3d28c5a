import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';
import { figure } from '../testing/figure.ts';
import { sampleRun } from '../testing/sample-run.ts';
import { buildView } from '../view/view.ts';
import { bencher } from './bencher.ts';
import type { Exporter } from './exporter.ts';
import { githubBenchmark } from './github-benchmark.ts';

const p99 = { load_pct: 50, timing: 'corrected', quantile: 'p99' };
const figures = [
  { ...figure('jwt-hs256', 'total_cpu_ratio_to_baseline', 2), low: 1.9, high: 2.2 },
  { ...figure('jwt-hs256', 'cpu_us_per_request', 20), low: 18, high: 23 },
  { ...figure('jwt-hs256', 'throughput_rps', 9000, { experiment: 'scale', factors: { replicas: 4 } }), low: 8800 },
  figure('jwt-hs256', 'throughput_rps', 3000, { experiment: 'scale', factors: { replicas: 1 } }),
  { ...figure('jwt-hs256', 'latency_us', 2.5, { experiment: 'latency', factors: p99 }), low: 2, high: 3 },
];
const untracked = [
  figure('jwt-hs256', 'cpu_toll_us', 20),
  figure('jwt-hs256', 'asked_rate_rps', 100),
  { ...figure('none', 'throughput_rps', 1), source: 'model' as const },
  figure('none', 'redis_commands_per_request', 0, { spread: 0 }),
  { ...figure('hybrid', 'redis_cpu_us_per_request', 1), low: -0.5 },
  figure('none', 'scaling_efficiency', 1, { experiment: 'scale', factors: { replicas: 1 }, spread: 0 }),
  figure(null, 'primitive_us', 5, { experiment: 'hot-path', factors: { primitive: 'hs256-verify' } }),
  figure('jwt-hs256', 'cpu_ratio_to_arm', 1.5, { factors: { against: 'session-redis' } }),
  figure('jwt-hs256', 'latency_us', 2, { experiment: 'latency', factors: { ...p99, timing: 'service' } }),
];
const files = (exporter: Exporter, run = { ...sampleRun(), figures: [...figures, ...untracked] }) =>
  new Map(exporter.render(buildView(run), []).map(({ path, content }) => [path, JSON.parse(content) as unknown]));

/** The schema published at bencher.dev/bmf.json, with the lengths in its documentation. */
const BMF = Compile({
  type: 'object',
  propertyNames: { maxLength: 1024 },
  patternProperties: {
    '.+': {
      type: 'object',
      propertyNames: { maxLength: 64 },
      patternProperties: {
        '.+': {
          type: 'object',
          properties: {
            value: { type: 'number' },
            lower_value: { type: 'number' },
            upper_value: { type: 'number' },
          },
          required: ['value'],
        },
      },
    },
  },
} as const);

interface Entry {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly range: string;
}

/** How github-action-benchmark parses the number of a range: a sign, and at least two characters. */
const RANGE = /(?:\+-|±)\s*(\d.+)/;

describe('Bencher', () => {
  test('gets watched figures as separate benchmarks, and all others without alerts, latency in ns', () => {
    expect(files(bencher).get('bencher.json')).toEqual({
      'watch / toll / jwt-hs256': { total_cpu_ratio_to_baseline: { value: 2, lower_value: 1.9, upper_value: 2.2 } },
      'toll / jwt-hs256-bencher-ignore': { cpu_us_per_request: { value: 20, lower_value: 18, upper_value: 23 } },
      'watch / scale / jwt-hs256 (replicas=4)': { throughput: { value: 9000, lower_value: 8800, upper_value: 9090 } },
      'scale / jwt-hs256 (replicas=1)-bencher-ignore': {
        throughput: { value: 3000, lower_value: 2970, upper_value: 3030 },
      },
      'watch / latency / jwt-hs256 (load_pct=50;quantile=p99;timing=corrected)': {
        latency: { value: 2500, lower_value: 2000, upper_value: 3000 },
      },
    });
  });

  test('accepts the file by its own schema', () => {
    expect(BMF.Check(files(bencher, sampleRun()).get('bencher.json'))).toBe(true);
    expect(BMF.Check({ name: { measure: { lower_value: 1 } } })).toBe(false);
  });
});

describe('github-action-benchmark', () => {
  test('gets one file for each direction, and two more with watched figures', () => {
    const written = files(githubBenchmark);
    const names = (path: string) => (written.get(path) as Entry[]).map(({ name }) => name);
    expect(names('benchmark-bigger-is-better.json')).toEqual([
      'scale / jwt-hs256 (replicas=4): throughput_rps',
      'scale / jwt-hs256 (replicas=1): throughput_rps',
    ]);
    expect(names('benchmark-watch-bigger-is-better.json')).toEqual(['scale / jwt-hs256 (replicas=4): throughput_rps']);
    expect(names('benchmark-watch-smaller-is-better.json')).toEqual([
      'toll / jwt-hs256: total_cpu_ratio_to_baseline',
      'latency / jwt-hs256 (load_pct=50;quantile=p99;timing=corrected): latency_us',
    ]);
    expect(written.get('benchmark-smaller-is-better.json')).toHaveLength(3);
  });

  test('finds name, unit, value and range in every entry, each name once, and no value at or across zero', () => {
    for (const [, entries] of files(githubBenchmark, sampleRun())) {
      const all = entries as Entry[];
      expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
      for (const { name, unit, value, range } of all) {
        expect([typeof name, typeof unit]).toEqual(['string', 'string']);
        expect(value).toBeGreaterThan(0);
        expect(Number(RANGE.exec(range)?.[1]), range).toBeLessThan(Number.POSITIVE_INFINITY);
      }
    }
  });
});
