/** Creates slices from a generator's tallies, and columns for the statistics from slices. */

import type { Flag } from '../../core/results/flags.ts';
import type { Measures, MeasuresDraft, NumberMeasure } from '../../core/results/measures.ts';
import { copyOf, measuresOf } from '../../core/results/recorded/packed-slices.ts';
import type { Slice } from '../../core/results/schema.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Replica } from '../fleet/replica.ts';
import { withLost } from '../load/paired/lost.ts';
import type { PreparedRequest, Processes, Target } from '../load/protocol.ts';
import type { LengthTally, Tally } from '../load/replies.ts';

/** The light read on which every toll is measured, once per user's credential. */
export function meRequests(fleet: Fleet): PreparedRequest[] {
  if (fleet.foreign !== undefined) return [...fleet.foreign.requests];
  return fleet.credentials.map(({ headers, meBody }) => ({
    method: 'GET',
    path: '/me',
    headers: { ...headers },
    expectedStatus: 200,
    expectedBody: meBody,
  }));
}

/** @param replicas number of replicas used, the first ones */
export function targetOf(fleet: Fleet, requests: PreparedRequest[], replicas = fleet.replicas.length): Target {
  return targetTo(fleet, requests, fleet.replicas.slice(0, replicas));
}

/** Requests to some replicas, or to the balancer in front of them, which has to use these. */
export function targetTo(fleet: Fleet, requests: PreparedRequest[], used: readonly Replica[]): Target {
  const { balancer } = fleet;
  const own = used.map(({ address }) => ({ ...address }));
  const common = { key: fleet.spec.key, requests, processes: processesOf(fleet, used) };
  if (balancer === undefined) return { ...common, addresses: own };
  const processes = balancer.processes.map(({ address }) => ({ ...address }));
  return { ...common, addresses: [{ ...balancer.address }], behind: { replicas: own, balancer: processes } };
}

/** The processes to read CPU times from, each with its descendants. */
export function processesOf(fleet: Fleet, replicas: readonly Pick<Replica, 'pid'>[] = fleet.replicas): Processes {
  const companions = (fleet.companions ?? []).flatMap(({ pid }) => pid ?? []);
  return {
    replicas: replicas.map(({ pid }) => pid),
    redis: redisProcesses(fleet),
    ...(companions.length === 0 ? {} : { companions }),
    ...(fleet.balancer === undefined ? {} : { balancer: fleet.balancer.processes.map(({ pid }) => pid) }),
  };
}

/** The processes to read the CPU time of Redis from; null if there is none, or it is not ours. */
function redisProcesses({ redis }: Fleet): Processes['redis'] {
  const pids = redis?.pids ?? [];
  return pids.length > 1 ? [...pids] : (pids[0] ?? null);
}

/** A slice is flagged above this share of unexpected responses. */
const UNEXPECTED_ALLOWED = 0;

/**
 * A process's own account, read outside a slice, contains slightly more than the slice. If it contains this much
 * more, threads have exited, which an account by threads lacks.
 */
const LOST_NS = 10_000_000;
const LOST_SHARE = 0.05;

/** A slice from an experiment, before the context adds its identity. */
export type NewSlice = Omit<Slice, 'kind' | 'experiment'>;

/** Where a slice belongs in its run. */
export type Position = Pick<Slice, 'fork' | 'block' | 'order'>;

export interface SliceContext extends Pick<Slice, 'mode' | 'factors'> {
  readonly position: Position;
  /** Default: the tally's key. */
  readonly arm?: string | null;
  /** The number of the arm's process; default the first. */
  readonly process?: number;
  /** Measures that are not in the tally. */
  readonly measures?: Measures;
  /** CPU time by the replicas' own account, used and flagged if the system gives none from outside. */
  readonly ownCpuNs?: number;
  readonly flags?: readonly Flag[];
}

/**
 * The short and the long turns of a paired load. @param redisCpuNs of the whole slice if it is known without an
 * account: 0 if there is no Redis
 */
function turnMeasures(lengths: readonly LengthTally[], redisCpuNs: number | undefined): Measures {
  const [short, long] = lengths;
  if (short === undefined || long === undefined || short.replicaCpuNs === null || long.replicaCpuNs === null) return {};
  const measures: MeasuresDraft = {
    short_turns: short.turns,
    short_requests: short.requests,
    short_replica_cpu_ns: short.replicaCpuNs,
    long_turns: long.turns,
    long_requests: long.requests,
    long_replica_cpu_ns: long.replicaCpuNs,
  };
  const [shortRedis, longRedis] = redisCpuNs === 0 ? [0, 0] : [short.redisCpuNs, long.redisCpuNs];
  if (shortRedis !== null) measures.short_redis_cpu_ns = shortRedis;
  if (longRedis !== null) measures.long_redis_cpu_ns = longRedis;
  if (typeof short.companionCpuNs === 'number') measures.short_companion_cpu_ns = short.companionCpuNs;
  if (typeof long.companionCpuNs === 'number') measures.long_companion_cpu_ns = long.companionCpuNs;
  return measures;
}

/** A slice of load, from the generator's counts. */
export function sliceOf(tally: Tally, context: SliceContext): NewSlice {
  const { mode, position, arm = tally.key, factors } = context;
  const flags = new Set<Flag>(context.flags);
  if (tally.unexpected + tally.failed > UNEXPECTED_ALLOWED) flags.add('unexpected-responses');
  const measures: MeasuresDraft = {
    request_bytes: tally.requestBytes,
    response_bytes: tally.responseBytes,
    generator_cpu_ns: tally.generatorCpuNs,
    generator_busy_ratio: tally.generatorBusy,
    ...context.measures,
  };
  let lengths: readonly LengthTally[] = tally.lengths ?? [];
  if (tally.cpuAccount === 'incomplete') flags.add('cpu-account-incomplete');
  if (tally.replicaCpuNs !== null) {
    const outsideNs = tally.replicaCpuNs.reduce((sum, ns) => sum + ns, 0);
    const { ownCpuNs = 0 } = context;
    const hasLost = tally.cpuAccount === 'threads' && ownCpuNs - outsideNs > Math.max(LOST_NS, LOST_SHARE * outsideNs);
    measures.replica_cpu_ns = hasLost ? ownCpuNs : outsideNs;
    if (hasLost) {
      flags.add('cpu-account-incomplete');
      lengths = withLost(lengths, { replicaNs: (ownCpuNs - outsideNs) / Math.max(1, tally.requests) });
    }
  } else if (context.ownCpuNs !== undefined) {
    measures.replica_cpu_ns = context.ownCpuNs;
    flags.add('cpu-from-inside');
  }
  Object.assign(measures, turnMeasures(lengths, context.measures?.redis_cpu_ns));
  if (tally.redisCpuNs !== null) measures.redis_cpu_ns = tally.redisCpuNs;
  if (tally.balancerCpuNs) measures.balancer_cpu_ns = tally.balancerCpuNs.reduce((sum, ns) => sum + ns, 0);
  if (tally.companionCpuNs !== undefined) measures.has_companions = 1;
  if (typeof tally.companionCpuNs === 'number') measures.companion_cpu_ns = tally.companionCpuNs;
  return {
    ...position,
    arm,
    ...(context.process === undefined || context.process === 0 ? {} : { process: context.process }),
    factors,
    mode,
    durationMs: tally.durationMs,
    requests: tally.requests,
    unexpected: tally.unexpected,
    failed: tally.failed,
    statuses: tally.statuses,
    measures,
    flags: [...flags],
  };
}

/** Slices as `[fork][block]`, forks and blocks in order. */
export function byFork(slices: readonly Slice[]): readonly (readonly Slice[])[] {
  const forks = new Map<number, Slice[]>();
  for (const slice of slices) {
    const list = forks.get(slice.fork);
    if (list) list.push(slice);
    else forks.set(slice.fork, [slice]);
  }
  return [...forks.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, list]) => list.toSorted((a, b) => a.block - b.block || a.order - b.order));
}

/** The mean of several processes of one arm in one block. */
function averaged(slices: readonly [Slice, ...Slice[]]): Slice {
  const [first] = slices;
  const mean = (of: (slice: Slice) => number) => slices.reduce((sum, slice) => sum + of(slice), 0) / slices.length;
  const numbers = Object.entries(measuresOf(first)).filter(([, value]) => typeof value === 'number');
  const measures = numbers
    .map(([name]): [string, number] => [name, mean((slice) => measure(slice, name as NumberMeasure))])
    .filter(([, value]) => Number.isFinite(value));
  const { process: _process, ...slice } = copyOf(first);
  return {
    ...slice,
    durationMs: mean(({ durationMs }) => durationMs),
    requests: mean(({ requests }) => requests),
    unexpected: mean(({ unexpected }) => unexpected),
    failed: mean(({ failed }) => failed),
    measures: Object.fromEntries(measures),
    flags: flagsOf(slices),
  };
}

/** @returns one number for each arm, mode, factors and fork; slices that were packed together share their factors */
function cellNumbers(): (slice: Slice) => number {
  const numbers = new Map<string, number>();
  const texts = new WeakMap<Slice['factors'], string>();
  return ({ fork, arm, mode, factors }) => {
    const text = texts.get(factors) ?? JSON.stringify(factors);
    texts.set(factors, text);
    const key = `${fork} ${mode} ${JSON.stringify(arm)} ${text}`;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  };
}

/**
 * One slice for all processes of an arm in a block: its sums and measures are their means. Ordered by the first slice
 * of each. Keys are numbers, because strings for hundreds of thousands of slices take more memory than the slices.
 */
export function perBlock(slices: readonly Slice[]): readonly Slice[] {
  if (slices.every(({ process }) => process === undefined)) return slices;
  const cellOf = cellNumbers();
  /** By cell: the position of each block. */
  const cells: Map<number, number>[] = [];
  const found: (Slice | [Slice, ...Slice[]])[] = [];
  for (const slice of slices) {
    const cell = cellOf(slice);
    cells[cell] ??= new Map();
    const places = cells[cell];
    const place = places.get(slice.block);
    if (place === undefined) {
      places.set(slice.block, found.length);
      found.push(slice);
      continue;
    }
    const there = found[place] as Slice | [Slice, ...Slice[]];
    if (Array.isArray(there)) there.push(slice);
    else found[place] = [there, slice];
  }
  return found.map((one) => (Array.isArray(one) ? averaged(one) : one));
}

/**
 * Slices of two arms, matched by fork and block, as `[fork][block]`. Blocks that lack one of them are omitted; for an
 * arm with several processes, their mean is used.
 */
export function paired(
  slices: readonly Slice[],
  baselines: readonly Slice[],
): readonly (readonly { readonly slice: Slice; readonly baseline: Slice }[])[] {
  const found = new Map<number, Map<number, Slice>>();
  for (const slice of perBlock(baselines)) {
    const ofFork = found.get(slice.fork) ?? new Map<number, Slice>();
    found.set(slice.fork, ofFork.set(slice.block, slice));
  }
  return byFork(perBlock(slices))
    .map((fork) =>
      fork.flatMap((slice) => {
        const baseline = found.get(slice.fork)?.get(slice.block);
        return baseline ? [{ slice, baseline }] : [];
      }),
    )
    .filter((fork) => fork.length > 0);
}

/** A measure of a slice; NaN if it is missing. */
export function measure(slice: Pick<Slice, 'measures'>, name: NumberMeasure): number {
  return slice.measures[name] ?? Number.NaN;
}

/** Every flag of these slices. */
export function flagsOf(slices: readonly Slice[]): Flag[] {
  return [...new Set(slices.flatMap((slice) => slice.flags))];
}
