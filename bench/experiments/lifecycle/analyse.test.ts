import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { testContext, testSlice } from '../../testing/slices.ts';
import { analyseLifecycle } from './analyse.ts';

const REQUESTS = 50;
const COSTS = { none: { login: 200, logout: 50 }, 'jwt-refresh': { login: 500, refresh: 260, logout: 90 } } as const;

/** Four forks of three blocks; the machine's pace differs from block to block. */
function measured(): Slice[] {
  const slices: Slice[] = [];
  for (let fork = 0; fork < 4; fork++) {
    for (let block = 0; block < 3; block++) {
      const pace = 1 + ((fork * 3 + block * 2) % 5) / 5;
      for (const [arm, operations] of Object.entries(COSTS)) {
        for (const [operation, us] of Object.entries(operations)) {
          const usesRedis = arm !== 'none';
          const measures = {
            replica_cpu_ns: us * 1000 * REQUESTS * pace,
            redis_cpu_ns: usesRedis ? 20_000 * REQUESTS : 0,
            redis_commands: usesRedis ? 5 * REQUESTS : 0,
          };
          const factors = { operation, in_flight: 10 };
          const rest = { requests: REQUESTS, durationMs: 25, factors, measures };
          slices.push(testSlice({ experiment: 'lifecycle', arm, fork, block, ...rest }));
        }
      }
    }
  }
  return slices;
}

function find(figures: readonly Figure[], metric: string, arm: string | null, factors: Figure['factors']) {
  return figures.filter(
    (figure) =>
      figure.metric === metric &&
      figure.arm === arm &&
      Object.entries(factors).every(([name, value]) => figure.factors[name] === value),
  );
}

describe('lifecycle', () => {
  const figures = analyseLifecycle(measured(), testContext);

  it('compares a login and a logout with the baseline’s, in the same blocks', () => {
    const ratio = (operation: string) => find(figures, 'cpu_ratio_to_baseline', 'jwt-refresh', { operation });
    expect(ratio('login')[0]?.value).toBeCloseTo(2.5, 9);
    expect(ratio('logout')[0]?.value).toBeCloseTo(1.8, 9);
    expect(ratio('login')[0]).toMatchObject({ blocks: 12, forks: 4, factors: { operation: 'login', in_flight: 10 } });
  });

  it('reports a refresh, which the baseline lacks, on its own and flagged', () => {
    const [refresh] = find(figures, 'cpu_us_per_operation', 'jwt-refresh', { operation: 'refresh' });
    expect(refresh?.flags).toContain('unpaired');
    expect(find(figures, 'cpu_ratio_to_baseline', 'jwt-refresh', { operation: 'refresh' })).toEqual([]);
    expect(find(figures, 'cpu_us_per_operation', 'jwt-refresh', { operation: 'login' })[0]?.flags).not.toContain(
      'unpaired',
    );
  });

  it('reports commands, Redis time and operations per second', () => {
    const of = (metric: string) => find(figures, metric, 'jwt-refresh', { operation: 'login' })[0]?.value;
    expect(of('redis_commands_per_operation')).toBeCloseTo(5, 12);
    expect(of('redis_cpu_us_per_operation')).toBeCloseTo(20, 9);
    expect(of('operations_per_second')).toBeCloseTo(2_000, 9);
  });

  it('excludes unexpected responses from the operations per second', () => {
    const slice = { experiment: 'lifecycle', arm: 'none', factors: { operation: 'login', in_flight: 10 } };
    const measures = { replica_cpu_ns: 1e6 };
    const [rate] = find(
      analyseLifecycle(
        [testSlice({ ...slice, requests: 50, unexpected: 10, durationMs: 1_000, measures })],
        testContext,
      ),
      'operations_per_second',
      'none',
      {},
    );
    expect(rate?.value).toBeCloseTo(40, 9);
  });

  it('reports the time of a password check, wall-clock and CPU', () => {
    const factors = { setting: 'real', memory_kib: 19_456, passes: 2 };
    const measures = { wall_ns: 4 * 40e6, cpu_ns: 4 * 38e6 };
    const hash = (fork: number) =>
      testSlice({ experiment: 'lifecycle', arm: null, fork, mode: 'micro', factors, requests: 4, measures });
    const made = analyseLifecycle([hash(0), hash(1)], testContext);
    expect(find(made, 'password_hash_us', null, factors)[0]?.value).toBeCloseTo(40_000, 6);
    expect(find(made, 'password_hash_cpu_us', null, factors)[0]?.value).toBeCloseTo(38_000, 6);
  });

  it('reports quantiles of a storm that its records support, and the logins per second', () => {
    const latency = LatencyHistogram.empty();
    for (let i = 1; i <= 40; i++) latency.record(i * 1_000);
    const factors = { route: 'login', during: 'storm', in_flight: 32 };
    const storm = testSlice({
      experiment: 'lifecycle',
      arm: 'session-redis',
      mode: 'closed',
      factors,
      requests: 40,
      durationMs: 2_000,
      histograms: { latency: latency.encode() },
    });
    const made = analyseLifecycle([storm], testContext);
    expect(find(made, 'storm_logins_per_second', 'session-redis', factors)[0]?.value).toBeCloseTo(20, 9);
    const quantiles = find(made, 'storm_latency_us', 'session-redis', factors);
    // Of 40 records two lie beyond p95, and none beyond p99.
    expect(quantiles.map(({ factors: { quantile } }) => quantile)).toEqual(['p50', 'p95']);
    expect(Math.abs((quantiles[0]?.value ?? 0) - 20_000)).toBeLessThan(100);
  });
});
