/** The peak by a queueing model, from the CPU time of requests at low load. Pure. */
import { largest, responseQuantile } from '../../../core/model/response.ts';
import type { Slice } from '../../../core/results/schema.ts';
import type { Objective } from '../../../core/thresholds/objective.ts';
import type { Start } from './starts.ts';
import type { Servers } from './verdict.ts';

/** Looks well below saturation, where a request has its uncontended cost. */
export function calmSlices({ looks, saturated }: Start): Slice[] {
  return looks.filter(({ rate }) => rate < 0.6 * saturated).map(({ step }) => step.slice);
}

/**
 * The rate predicted by the queueing model from the CPU time of requests in one calm look: a request waits at a
 * replica, at Redis, and at companions, each a process with one thread. If there are fewer cores than processes, they share
 * the cores. Null if CPU time was not read, or the objective does not limit latency.
 */
export function modelRate(calm: Slice, objective: Objective, { replicas, cores }: Servers): number | null {
  const perRequest = (name: 'replica_cpu_ns' | 'redis_cpu_ns' | 'companion_cpu_ns' | 'balancer_cpu_ns') =>
    (calm.measures[name] ?? 0) / calm.requests / 1e9;
  const service = perRequest('replica_cpu_ns');
  if (!(service > 0 && Number.isFinite(service)) || objective.latency.length === 0) return null;
  const processes = [
    { service, count: replicas },
    { service: perRequest('redis_cpu_ns'), count: 1 },
    { service: perRequest('companion_cpu_ns'), count: 1 },
    // A balancer has as many processes as it needs.
    { service: perRequest('balancer_cpu_ns'), count: Number.POSITIVE_INFINITY },
  ].filter((process) => process.service > 0);
  const all = processes.reduce((sum, process) => sum + process.service, 0);
  const stages = (rate: number) =>
    processes.map((process) => ({
      service: process.service,
      utilisation: rate * Math.max(process.service / process.count, all / cores),
    }));
  const keeps = (rate: number) =>
    objective.latency.every(
      ({ percentile, limitMs }) =>
        responseQuantile([{ share: 1, stages: stages(rate), delay: 0 }], percentile / 100) * 1000 <= limitMs,
    );
  const busiest = Math.max(all / cores, ...processes.map((process) => process.service / process.count));
  return largest(1e-3, 0.9999 / busiest, keeps);
}
