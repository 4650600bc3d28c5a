/** Steps of a search as tests make them: a thousand requests at some rate, with a p99. */
import { LatencyHistogram } from '../../../../core/results/histogram.ts';
import type { Slice } from '../../../../core/results/schema.ts';
import { CAPACITY } from '../plan.ts';

export interface StepOf {
  readonly rate: number;
  readonly p99Ms: number;
  readonly failed?: number;
  readonly inTime?: number;
  readonly cpu?: number;
  /** Default: the time of a thousand requests. */
  readonly durationMs?: number;
}

export function step(of: StepOf, fork = 0, order = 1): Slice {
  const { rate, p99Ms, failed = 0, inTime = 1, cpu = 0.5, durationMs = 1e6 / rate } = of;
  const records = LatencyHistogram.empty();
  for (let i = 0; i < 1000; i++) records.record(i < 980 ? 900 : p99Ms * 1000);
  return {
    kind: 'slice',
    experiment: CAPACITY,
    fork,
    block: order,
    order,
    arm: 'jwt-hs256',
    factors: { replicas: 1 },
    mode: 'open',
    durationMs,
    requests: 1000 - failed,
    unexpected: 0,
    failed,
    statuses: {},
    measures: {
      asked_rate_rps: rate,
      scheduled: 1000,
      sent_in_time: 1000 * inTime,
      generator_late: 0,
      connection_wait: 0,
      cpu_wall_ns: 1e9,
      replica_cpu_ns: cpu * 1e9,
    },
    histograms: { corrected: records.encode() },
    flags: [],
  };
}

/** One replica, and a core for it. */
export const servers = { replicas: 1, cores: 1 };
