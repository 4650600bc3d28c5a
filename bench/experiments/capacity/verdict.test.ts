import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Slice } from '../../../core/results/schema.ts';
import { objectiveOf } from '../../../core/thresholds/objective.ts';
import { type StepOf, servers, step } from './testing/step.ts';
import { causeOf, isTooShort, meets, stepMs, verdictOf } from './verdict.ts';

describe('a step', () => {
  const objective = objectiveOf('p99<50ms,errors<0.1%');

  it('meets the objective if every clause holds and the load was served', () => {
    expect(meets(step({ rate: 100, p99Ms: 40 }), objective)).toBe(true);
    expect(meets(step({ rate: 100, p99Ms: 60 }), objective)).toBe(false);
    expect(meets(step({ rate: 100, p99Ms: 40, failed: 2 }), objective)).toBe(false);
    expect(meets(step({ rate: 100, p99Ms: 40, failed: 1 }), objective)).toBe(true);
    expect(meets(step({ rate: 100, p99Ms: 40, inTime: 0.98 }), objective)).toBe(false);
    expect(meets({ ...step({ rate: 100, p99Ms: 40 }), histograms: {} }, objective)).toBeNull();
  });

  it('counts lost and wrong responses as late if the objective does not mention errors', () => {
    const latencyAlone = objectiveOf('p99<50ms');
    // All 1,000 responses came within 50 ms, so ten, 1 %, may be anything.
    const fast = step({ rate: 100, p99Ms: 40 });
    const refused = (count: number): Slice => ({ ...fast, unexpected: count });
    expect(meets(fast, latencyAlone)).toBe(true);
    expect(meets(refused(10), latencyAlone)).toBe(true);
    expect(meets(refused(11), latencyAlone)).toBe(false);
    expect(meets(refused(11), objectiveOf('p99<50ms,errors<2%'))).toBe(true);
    const lost = (count: number): Slice => ({
      ...fast,
      failed: count,
      measures: { ...fast.measures, scheduled: 1000 + count, sent_in_time: 1000 + count },
    });
    expect(meets(lost(10), latencyAlone)).toBe(true);
    expect(meets(lost(11), latencyAlone)).toBe(false);
    expect(causeOf(lost(11), latencyAlone, servers)).toBe('errors');
    const nothing = { ...lost(1000), histograms: { corrected: LatencyHistogram.empty().encode() } };
    expect(meets(nothing, latencyAlone)).toBe(false);
    // Timed-out requests are in the histogram, with their time-out.
    const slow = { ...fast, failed: 15, measures: { ...fast.measures, timed_out: 15 } };
    expect(meets(slow, latencyAlone)).toBe(true);
  });

  const far = { isNear: false, hasErrors: false };
  const near = { isNear: true, hasErrors: false };

  it('lasts until its percentile rests on twenty slow requests, and no longer than it may', () => {
    expect(stepMs(objectiveOf('p99<50ms'), 4000, far)).toBe(1000);
    expect(stepMs(objectiveOf('p99<50ms'), 500, far)).toBeCloseTo(4000, 6);
    expect(stepMs(objectiveOf('p99.9<50ms'), 500, far)).toBe(8000);
    expect(stepMs(objectiveOf('errors<1%'), 500, near)).toBe(1000);
  });

  it('lasts until five requests may fail, once any have', () => {
    const failing = { isNear: false, hasErrors: true };
    expect(stepMs(objectiveOf('p50<5ms,errors<0.1%'), 500, far)).toBe(1000);
    expect(stepMs(objectiveOf('p50<5ms,errors<0.1%'), 1000, failing)).toBeCloseTo(5000, 6);
    expect(stepMs(objectiveOf('errors<0.01%'), 4000, failing)).toBe(8000);
    expect(stepMs(objectiveOf('errors<=0'), 4000, failing)).toBe(1000);
  });

  it('is too short if its percentile rests on fewer than ten slow requests', () => {
    expect(isTooShort(step({ rate: 100, p99Ms: 5 }), objectiveOf('p99<50ms'))).toBe(false);
    expect(isTooShort(step({ rate: 100, p99Ms: 5 }), objectiveOf('p99.9<50ms'))).toBe(true);
    expect(isTooShort(step({ rate: 100, p99Ms: 5 }), objectiveOf('errors<1%'))).toBe(false);
  });

  it('lasts near the limit until the queue of 2 % too much load takes as long as the objective allows', () => {
    const seconds = stepMs(objectiveOf('p99<50ms'), 20_000, near) / 1000;
    expect(0.02 * seconds).toBeCloseTo(0.05, 9);
    expect(stepMs(objectiveOf('p50<5ms,p99<20ms'), 20_000, near)).toBe(1000);
    expect(stepMs(objectiveOf('p99<900ms'), 20_000, near)).toBe(8000);
  });

  it('misses a loose objective if its queue grows, although no request is late yet', () => {
    const loose = objectiveOf('p99<2s');
    const queue = (first: number, last: number) => {
      const slice = step({ rate: 100, p99Ms: 1500 });
      return meets({ ...slice, measures: { ...slice.measures, in_flight_first: first, in_flight_last: last } }, loose);
    };
    // Of a thousand requests, chance alone may leave three times their root.
    expect(queue(5, 95)).toBe(true);
    expect(queue(5, 110)).toBe(false);
    expect(queue(200, 210)).toBe(true);
    expect(meets(step({ rate: 100, p99Ms: 1500 }), loose)).toBe(true);
  });

  describe('that missed the objective', () => {
    const judge = (measures: Record<string, number>, others: Partial<StepOf> = {}, slo = objective) => {
      const slice = step({ rate: 1000, p99Ms: 80, ...others });
      return verdictOf({ ...slice, measures: { ...slice.measures, ...measures } }, slo, servers);
    };
    /** The generator stalled for 60 ms of a second, at 1,000 requests a second. */
    const stalled = { generator_late: 60, generator_late_max_us: 60_000 };

    it('is spoiled if the generator stalled: it says nothing about the servers', () => {
      expect(judge({})).toBe('missed');
      expect(judge(stalled)).toBe('spoiled');
      // Requests that could not be sent within the step.
      expect(judge({ ...stalled, sent_in_time: 950 }, { p99Ms: 5 })).toBe('spoiled');
      // Requests that timed out because they were sent late were not lost by the server.
      expect(judge({ ...stalled, timed_out: 20 }, { p99Ms: 5, failed: 20 })).toBe('spoiled');
    });

    it('is missed if lateness cannot account for it', () => {
      // Too few, or too short, for the share beyond the percentile.
      expect(judge({ generator_late: 4, generator_late_max_us: 60_000 })).toBe('missed');
      expect(judge({ generator_late: 60, generator_late_max_us: 2_000 })).toBe('missed');
      expect(judge(stalled, {}, objectiveOf('p50<0.5ms'))).toBe('missed');
      // Wrong responses, and requests that waited for a connection, are the servers' fault.
      expect(judge(stalled, { p99Ms: 5, failed: 20 })).toBe('missed');
      expect(judge({ ...stalled, sent_in_time: 700 }, { p99Ms: 5 })).toBe('missed');
      // A server that is always busy is at its limit, even if the generator was late as well.
      expect(judge({ ...stalled, replica_cpu_ns: 0.95e9 })).toBe('missed');
      expect(judge({ ...stalled, redis_cpu_ns: 0.95e9 })).toBe('missed');
    });

    it('is met even if the generator was late', () => {
      expect(judge(stalled, { p99Ms: 5 })).toBe('met');
    });

    it('says nothing if far fewer requests were sent than the rate requires', () => {
      expect(judge({ scheduled: 0 }, { p99Ms: 5 })).toBe('spoiled');
      expect(judge({ scheduled: 400, sent_in_time: 400 }, { p99Ms: 5 })).toBe('spoiled');
      expect(judge({ scheduled: 960, sent_in_time: 960 }, { p99Ms: 5 })).toBe('met');
      // With ten expected arrivals, three may be chance.
      expect(judge({ scheduled: 3, sent_in_time: 3 }, { p99Ms: 5, rate: 10, durationMs: 1000 })).toBe('met');
    });
  });

  it('names the resource at its limit', () => {
    const cause = (measures: Record<string, number>, others: Partial<StepOf> = {}) => {
      const slice = step({ rate: 100, p99Ms: 80, ...others });
      return causeOf({ ...slice, measures: { ...slice.measures, ...measures } }, objective, servers);
    };
    expect(cause({ replica_cpu_ns: 0.95e9 })).toBe('cpu');
    expect(cause({ redis_cpu_ns: 0.95e9 })).toBe('redis');
    expect(cause({ connection_wait: 100 })).toBe('connections');
    expect(cause({}, { failed: 10 })).toBe('errors');
    expect(cause({})).toBe('event-loop');
  });

  it('names the CPU if servers that share a core use all of it together', () => {
    const cause = (measures: Record<string, number>, of = servers) => {
      const slice = step({ rate: 100, p99Ms: 80 });
      return causeOf({ ...slice, measures: { ...slice.measures, ...measures } }, objective, of);
    };
    expect(cause({ replica_cpu_ns: 0.5e9, companion_cpu_ns: 0.45e9 })).toBe('cpu');
    expect(cause({ replica_cpu_ns: 0.8e9, redis_cpu_ns: 0.1e9 })).toBe('cpu');
    const many = { replicas: 1, cores: 7 };
    expect(cause({ replica_cpu_ns: 0.5e9, companion_cpu_ns: 0.95e9 }, many)).toBe('companion');
    expect(cause({ replica_cpu_ns: 0.5e9, redis_cpu_ns: 0.95e9 }, many)).toBe('redis');
    expect(cause({ replica_cpu_ns: 0.95e9 }, many)).toBe('cpu');
    // A service with several threads has more than a core, and so has a database with several processes.
    expect(cause({ replica_cpu_ns: 2.5e9 }, many)).toBe('event-loop');
    expect(cause({ replica_cpu_ns: 6.5e9 }, many)).toBe('cpu');
    expect(cause({ replica_cpu_ns: 0.5e9, companion_cpu_ns: 2e9 }, many)).toBe('event-loop');
  });
});
