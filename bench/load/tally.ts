/** Counts responses, and reads the CPU accounts at a slice's ends. */
import { performance } from 'node:perf_hooks';
import { type CpuAccount, type CpuReading, complete } from '../processes/cpu.ts';
import { openTreeAccount } from '../processes/trees/tree-accounts.ts';
import type { Processes } from './protocol.ts';
import type { Tally } from './replies.ts';

/** Responses of one target within a slice. */
export class Counts {
  requests = 0;
  unexpected = 0;
  failed = 0;
  requestBytes = 0;
  responseBytes = 0;
  /** ns spent waiting for this target's batches; 0 if the slice has only one target. */
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

/** CPU times at one instant; null if they cannot be read from outside. */
export interface Reading {
  readonly atMs: number;
  readonly replicaNs: readonly (number | null)[];
  /** The sum over all of its processes. */
  readonly redisNs: number | null;
  /** The sum over all companions; absent if there are none. */
  readonly companionNs?: number | null;
  /** The times in clock ticks, in the same order, if accounts may lack exited threads. */
  readonly ticks?: Times;
  /** How many busy processes each of them is a sum over, in the same order; default one. */
  readonly busy?: Times;
}

type Times = Pick<Reading, 'replicaNs' | 'redisNs' | 'companionNs'>;

/** Whether no process consumed CPU time between two readings. */
export function hasSameTimes(one: Reading, other: Reading): boolean {
  return (
    one.redisNs === other.redisNs &&
    one.companionNs === other.companionNs &&
    one.replicaNs.every((ns, i) => ns === other.replicaNs[i])
  );
}

/** Reads the CPU accounts of a target's processes repeatedly, and keeps their files open. */
export class ProcessReader {
  readonly #replicas: readonly (CpuAccount | null)[];
  readonly #redis: readonly (CpuAccount | null)[] | null;
  readonly #companions: readonly (CpuAccount | null)[] | null;
  readonly #byThreads: boolean;

  constructor({ replicas, redis, companions }: Processes) {
    // Each with its descendants: an edge, the workers of a service, the backends of a database.
    const open = (pid: number) => openTreeAccount(pid);
    this.#replicas = replicas.map(open);
    this.#redis = redis === null ? null : (typeof redis === 'number' ? [redis] : redis).map(open);
    this.#companions = companions?.map(open) ?? null;
    this.#byThreads = this.#all().some((account) => account?.source === 'threads');
  }

  #all(): readonly (CpuAccount | null)[] {
    return [...this.#replicas, ...(this.#redis ?? []), ...(this.#companions ?? [])];
  }

  read(): Reading {
    const atMs = performance.now();
    const replicas = this.#replicas.map((account) => account?.read() ?? null);
    const redis = this.#redis?.map((account) => account?.read() ?? null) ?? null;
    const companions = this.#companions?.map((account) => account?.read() ?? null) ?? null;
    const summed = (of: (reading: CpuReading) => number | null): Times => {
      const each = (reading: CpuReading | null) => (reading === null ? null : of(reading));
      return {
        replicaNs: replicas.map(each),
        redisNs: redis === null ? null : sumOrNull(redis.map(each)),
        ...(companions === null ? {} : { companionNs: sumOrNull(companions.map(each)) }),
      };
    };
    const ns = summed((reading) => reading.ns);
    if (!this.#byThreads) return { atMs, ...ns };
    const ticks = summed((reading) => reading.ticksNs ?? reading.ns);
    return { atMs, ...ns, ticks, busy: summed((reading) => reading.busy ?? 1) };
  }

  close(): void {
    for (const account of this.#all()) account?.close();
  }
}

export function readProcesses(processes: Processes): Reading {
  const reader = new ProcessReader(processes);
  try {
    return reader.read();
  } finally {
    reader.close();
  }
}

/** @returns null if one of them is unknown */
export function sumOrNull(each: readonly (number | null)[]): number | null {
  return each.reduce<number | null>((sum, ns) => (sum === null || ns === null ? null : sum + ns), 0);
}

/** The generator's own CPU time since a moment. */
export class SelfMeter {
  readonly #cpu = process.cpuUsage();
  readonly #loop = performance.eventLoopUtilization();

  read(): { cpuNs: number; busy: number } {
    const { user, system } = process.cpuUsage(this.#cpu);
    return { cpuNs: (user + system) * 1000, busy: performance.eventLoopUtilization(this.#loop).utilization };
  }
}

export function difference(after: number | null, before: number | null): number | null {
  return after === null || before === null ? null : after - before;
}

/** For a tally; empty where there are no companions. */
export function companionDifference(after: Times, before: Times): { companionCpuNs?: number | null } {
  const { companionNs } = after;
  return companionNs === undefined ? {} : { companionCpuNs: difference(companionNs, before.companionNs ?? null) };
}

/** A reading advanced by the CPU time between two later readings, so that a difference from it excludes that time. */
export function forwarded(reading: Reading, from: Reading, to: Reading): Reading {
  const plus = (ns: number | null, more: number | null) => (ns === null || more === null ? null : ns + more);
  const moved = (times: Times, start: Times, end: Times): Times => ({
    replicaNs: times.replicaNs.map((ns, i) =>
      plus(ns, difference(end.replicaNs[i] ?? null, start.replicaNs[i] ?? null)),
    ),
    redisNs: plus(times.redisNs, difference(end.redisNs, start.redisNs)),
    ...(times.companionNs === undefined
      ? {}
      : { companionNs: plus(times.companionNs, difference(end.companionNs ?? null, start.companionNs ?? null)) }),
  });
  const ticks = reading.ticks && from.ticks && to.ticks ? moved(reading.ticks, from.ticks, to.ticks) : undefined;
  return { atMs: reading.atMs, ...moved(reading, from, to), ...(ticks === undefined ? {} : { ticks }) };
}

/** How complete the accounts of a window are, and its CPU time, from clock ticks if they are incomplete. */
export function spentBetween(before: Reading, after: Reading) {
  const spent = (of: (reading: Times) => number | null) => {
    const ns = difference(of(after), of(before));
    const ticksNs = before.ticks && after.ticks ? difference(of(after.ticks), of(before.ticks)) : null;
    return ns === null ? null : complete(ns, ticksNs, (after.busy && of(after.busy)) ?? undefined);
  };
  const replicas = after.replicaNs.map((_, i) => spent(({ replicaNs }) => replicaNs[i] ?? null));
  const redis = spent(({ redisNs }) => redisNs);
  const companions = spent(({ companionNs }) => companionNs ?? null);
  const isComplete = [...replicas, redis, companions].every((each) => each?.complete !== false);
  const source = after.ticks === undefined ? 'groups' : 'threads';
  return { replicas, redis, companions, cpuAccount: isComplete ? source : 'incomplete' } as const;
}

export function tally(
  key: string,
  counts: Counts,
  before: Reading,
  after: Reading,
  self: { cpuNs: number; busy: number },
): Tally {
  const { replicas, redis, companions, cpuAccount } = spentBetween(before, after);
  return {
    key,
    requests: counts.requests,
    unexpected: counts.unexpected,
    failed: counts.failed,
    statuses: Object.fromEntries([...counts.statuses].map(([status, count]) => [String(status), count])),
    requestBytes: counts.requestBytes,
    responseBytes: counts.responseBytes,
    durationMs: counts.busyNs > 0 ? counts.busyNs / 1e6 : after.atMs - before.atMs,
    replicaCpuNs: replicas.every((each) => each !== null) ? replicas.map(({ ns }) => ns) : null,
    redisCpuNs: redis?.ns ?? null,
    ...(after.companionNs === undefined ? {} : { companionCpuNs: companions?.ns ?? null }),
    cpuAccount,
    generatorCpuNs: self.cpuNs,
    generatorBusy: self.busy,
  };
}
