/** Counts what came back, and reads the CPU accounts at a slice's ends. */
import { performance } from 'node:perf_hooks';
import { cpuNanos } from '../processes/cpu.ts';
import type { Processes, Tally } from './protocol.ts';

/** Responses of one target within a slice. */
export class Counts {
  requests = 0;
  unexpected = 0;
  failed = 0;
  requestBytes = 0;
  responseBytes = 0;
  /** ns spent waiting for this target's batches; 0 where the slice is one target's alone. */
  busyNs = 0;
  readonly statuses = new Map<number, number>();

  answered(status: number, asExpected: boolean, requestBytes: number, responseBytes: number): void {
    this.requests++;
    if (!asExpected) this.unexpected++;
    this.requestBytes += requestBytes;
    this.responseBytes += responseBytes;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }
}

/** What had been consumed at one instant. */
export interface Reading {
  readonly atMs: number;
  readonly replicaNs: readonly (number | null)[];
  readonly redisNs: number | null;
}

export function readProcesses(processes: Processes): Reading {
  return {
    atMs: performance.now(),
    replicaNs: processes.replicas.map(cpuNanos),
    redisNs: sumOf(processes.redis),
  };
}

function sumOf(pids: Processes['redis']): number | null {
  if (pids === null) return null;
  const each = (typeof pids === 'number' ? [pids] : pids).map(cpuNanos);
  return each.reduce<number | null>((sum, ns) => (sum === null || ns === null ? null : sum + ns), 0);
}

/** The generator's own consumption since a moment. */
export class SelfMeter {
  readonly #cpu = process.cpuUsage();
  readonly #loop = performance.eventLoopUtilization();

  read(): { cpuNs: number; busy: number } {
    const { user, system } = process.cpuUsage(this.#cpu);
    return { cpuNs: (user + system) * 1000, busy: performance.eventLoopUtilization(this.#loop).utilization };
  }
}

function difference(after: number | null, before: number | null): number | null {
  return after === null || before === null ? null : after - before;
}

export function tally(
  key: string,
  counts: Counts,
  before: Reading,
  after: Reading,
  self: { cpuNs: number; busy: number },
): Tally {
  const replicaCpu = after.replicaNs.map((ns, i) => difference(ns, before.replicaNs[i] ?? null));
  return {
    key,
    requests: counts.requests,
    unexpected: counts.unexpected,
    failed: counts.failed,
    statuses: Object.fromEntries([...counts.statuses].map(([status, count]) => [String(status), count])),
    requestBytes: counts.requestBytes,
    responseBytes: counts.responseBytes,
    durationMs: counts.busyNs > 0 ? counts.busyNs / 1e6 : after.atMs - before.atMs,
    replicaCpuNs: replicaCpu.every((ns) => ns !== null) ? replicaCpu : null,
    redisCpuNs: difference(after.redisNs, before.redisNs),
    generatorCpuNs: self.cpuNs,
    generatorBusy: self.busy,
  };
}
