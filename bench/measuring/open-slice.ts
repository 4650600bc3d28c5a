/** Makes a slice and its flags from the result of the open loop. Pure. */

import type { Flag } from '../../core/results/flags.ts';
import type { OpenResult } from '../load/open/schema.ts';
import type { Cell } from './cells.ts';
import type { NewSlice, Position } from './slices.ts';
import type { CpuWatched } from './watch-cpu.ts';

/** A schedule counts as kept if this share of its requests is sent before its end. */
const IN_TIME = 0.99;
/** If the generator waited for a core for more than this share of the time, processes compete for cores. */
const WAITED = 0.05;
/** If the generator sent more than this share late, the tail is the generator's. */
const GENERATOR_LATE = 0.01;

/** Flags of an open slice, from the generator's own result. Pure. */
export function openFlags(result: OpenResult): Flag[] {
  const flags: Flag[] = [];
  // Relative to the requests due, because the number of Poisson arrivals is random.
  if (result.sentInTime < IN_TIME * result.scheduled) flags.push('rate-missed');
  if (result.scheduled > 0 && result.generatorLate.count / result.scheduled > GENERATOR_LATE)
    flags.push('generator-saturated');
  if (result.cpuWaitMs !== null && result.cpuWaitMs > WAITED * result.durationMs) flags.push('oversubscribed');
  if (result.unexpected + result.failed + result.timedOut + result.unanswered > 0) flags.push('unexpected-responses');
  return flags;
}

export interface OpenSliceContext {
  readonly cell: Cell;
  readonly position: Position;
  /** How late the machine itself was, as an encoded histogram; null if it was not observed. */
  readonly machine: string | null;
  /** CPU time of the servers; null or absent if it could not be read. */
  readonly cpu?: CpuWatched | null;
  /** The cores of the run, the load generator's included; recorded if they decide about the slice. */
  readonly cores?: number;
  readonly flags: readonly Flag[];
}

export function openSlice(
  result: OpenResult,
  { cell, position, machine, cpu, cores, flags }: OpenSliceContext,
): NewSlice {
  return {
    ...position,
    arm: cell.arm,
    factors: cell.factors,
    mode: 'open',
    durationMs: result.durationMs,
    requests: result.answered,
    unexpected: result.unexpected,
    failed: result.failed + result.timedOut + result.unanswered,
    statuses: result.statuses,
    measures: {
      asked_rate_rps: result.askedRate,
      achieved_rate_rps: result.achievedRate,
      scheduled: result.scheduled,
      sent_in_time: result.sentInTime,
      timed_out: result.timedOut,
      unanswered: result.unanswered,
      never_sent: result.neverSent,
      generator_late: result.generatorLate.count,
      generator_late_max_us: result.generatorLate.maxMicros,
      connection_wait: result.connectionWait.count,
      peak_in_flight: result.peakInFlight,
      in_flight_first: result.inFlightFirst,
      in_flight_last: result.inFlightLast,
      ...(cores === undefined ? {} : { usable_cores: cores }),
      ...(result.cpuWaitMs === null ? {} : { generator_wait_ms: result.cpuWaitMs }),
      ...(cpu ? { replica_cpu_ns: cpu.replicaCpuNs, cpu_wall_ns: cpu.wallNs } : {}),
      ...(cpu && cpu.redisCpuNs !== null ? { redis_cpu_ns: cpu.redisCpuNs } : {}),
      ...(cpu?.companionCpuNs === undefined ? {} : { has_companions: 1 }),
      ...(cpu?.balancerCpuNs ? { balancer_cpu_ns: cpu.balancerCpuNs.reduce((sum, ns) => sum + ns, 0) } : {}),
      ...(typeof cpu?.companionCpuNs === 'number' ? { companion_cpu_ns: cpu.companionCpuNs } : {}),
      request_bytes: result.requestBytes,
      response_bytes: result.responseBytes,
    },
    histograms: {
      corrected: result.corrected,
      service: result.service,
      send_gap: result.sendGap,
      ...(machine === null ? {} : { machine }),
    },
    flags: [...new Set([...flags, ...(cpu?.isIncomplete ? (['cpu-account-incomplete'] as const) : [])])],
  };
}
