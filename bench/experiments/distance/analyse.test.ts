import { expect, it } from 'vitest';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { testContext, testSlice } from '../../testing/slices.ts';
import { analyseDistance, slopeOf } from './analyse.ts';
import { type DistanceInputs, predictThroughput } from './model.ts';

/** 100 µs in the replica, 40 in the generator, 10 in Redis, 50 elsewhere, 120 of round trip to a local Redis. */
const INPUTS: DistanceInputs = {
  demands: new Map([1, 16, 500].map((many) => [many, { generator: 40e-6, replica: 100e-6, redis: 10e-6 }])),
  share: null,
  fitted: { throughput: 1 / 320e-6, rtt: 120e-6 },
  roundTrips: 1,
};

it('predicts a single request as the sum of its parts', () => {
  expect(predictThroughput(INPUTS, 120e-6, 1)).toBeCloseTo(1 / 320e-6, 6);
  expect(predictThroughput(INPUTS, 1_500e-6, 1)).toBeCloseTo(1 / 1_700e-6, 6);
  expect(predictThroughput({ ...INPUTS, roundTrips: 0 }, 1_500e-6, 1)).toBeCloseTo(1 / 320e-6, 6);
});

it('predicts nothing for numbers in flight that were not measured with a local Redis', () => {
  expect(predictThroughput(INPUTS, 120e-6, 7)).toBeNull();
});

it('never predicts more than the busiest station or the replica’s share allows', () => {
  expect(predictThroughput(INPUTS, 200e-6, 500)).toBeLessThanOrEqual(1 / 100e-6);
  expect(predictThroughput(INPUTS, 200e-6, 500)).toBeGreaterThan(0.95 / 100e-6);
  expect(predictThroughput({ ...INPUTS, share: 0.3 }, 200e-6, 500)).toBeCloseTo(3_000, 6);
});

/** Slices with a throughput that follows the model, so the analysis must confirm it. */
function slices(arm: string, roundTrips: number): Slice[] {
  const inputs = { ...INPUTS, roundTrips };
  return [0, 1].flatMap((fork) =>
    [0, 0.2, 0.5, 1.5].flatMap((rtt_ms, level) =>
      [1, 16].map((in_flight, i) => {
        const rttUs = rtt_ms === 0 ? 120 : rtt_ms * 1000;
        const rps = predictThroughput(inputs, rttUs / 1e6, in_flight) ?? Number.NaN;
        const requests = Math.round(rps);
        return testSlice({
          experiment: 'distance',
          arm,
          fork,
          order: level * 2 + i,
          mode: 'closed',
          durationMs: 1000,
          requests,
          factors: { rtt_ms, in_flight },
          measures: {
            replica_cpu_ns: requests * 100e3,
            generator_cpu_ns: requests * 40e3,
            redis_cpu_ns: requests * 10e3,
            redis_commands_with_ramp: requests * roundTrips,
            loaded_ms: 1000,
            rtt_us: rttUs,
            proxy_cpu_ns: 500e6,
            proxy_wall_ns: 1e9,
          },
        });
      }),
    ),
  );
}
const find = (figures: readonly Figure[], metric: string, factors: Figure['factors']) =>
  figures.find(
    (each) => each.metric === metric && Object.entries(factors).every(([name, level]) => each.factors[name] === level),
  );

it('finds one round trip, and none if there is none', () => {
  const one = analyseDistance(slices('session-redis', 1), testContext);
  expect(find(one, 'round_trips_per_request', {})?.value).toBeCloseTo(1, 2);
  const none = analyseDistance(slices('hybrid', 0), testContext);
  expect(find(none, 'round_trips_per_request', {})?.value).toBeCloseTo(0, 2);
});

it('finds the true round trips, and judges the model where it was not fitted', () => {
  const figures = analyseDistance(slices('session-redis', 1), testContext);
  expect(find(figures, 'rtt_us', { rtt_ms: 0 })?.value).toBeCloseTo(120, 6);
  expect(find(figures, 'proxy_utilisation', { rtt_ms: 1.5 })?.value).toBeCloseTo(50, 6);
  expect(find(figures, 'prediction_error_pct', { rtt_ms: 0, in_flight: 1 })).toBeUndefined();
  const errors = figures.filter(({ metric }) => metric === 'prediction_error_pct');
  expect(errors).toHaveLength(7);
  for (const error of errors) {
    expect(Math.abs(error.value)).toBeLessThan(0.1);
    expect(error.source).toBe('model');
  }
  expect(find(figures, 'latency_us', { rtt_ms: 1.5, in_flight: 1, quantile: 'mean' })?.value).toBeCloseTo(1_701, 0);
});

it('inherits the flags of the slices behind a prediction', () => {
  const doubtful = slices('session-redis', 1).map(
    (slice): Slice => (slice.factors.rtt_ms === 0 ? { ...slice, flags: ['machine-stalled'] } : slice),
  );
  const figures = analyseDistance(doubtful, testContext);
  for (const metric of ['model_throughput_rps', 'prediction_error_pct'])
    expect(find(figures, metric, { rtt_ms: 1.5 })?.flags, metric).toContain('machine-stalled');
  expect(find(figures, 'throughput_rps', { rtt_ms: 1.5 })?.flags).not.toContain('machine-stalled');
});

it('has no slope without two different distances', () => {
  expect(slopeOf([{ x: 1, y: 2 }])).toBeNull();
  expect(
    slopeOf([
      { x: 1, y: 2 },
      { x: 1, y: 3 },
    ]),
  ).toBeNull();
  expect(
    slopeOf([
      { x: 0, y: 5 },
      { x: 2, y: 9 },
    ]),
  ).toBe(2);
});
