/**
 * What a load needs of one arm: replicas, Redis processes, memory, bandwidth, latency, money; with the interval that the
 * figures leave. Extrapolation: a request is taken to cost on other machines what it cost where it was measured.
 */

import { USUAL } from '../model/demands.ts';
import { responseQuantile } from '../model/response.ts';
import type { Bounds, Interval } from '../stats/interval.ts';
import type { ArmEvidence, RunEvidence, Sourced } from './evidence.ts';
import type { Needs } from './needs.ts';

const NOTHING: Interval = { value: 0, low: 0, high: 0 };
const ENDS = ['value', 'low', 'high'] as const;
type End = (typeof ENDS)[number];
const P99 = 0.99;
const US = 1e-6;
const SECONDS_A_MONTH = (365.25 * 86_400) / 12;
const GIGABYTE = 1e9;

/** What one request costs in all, in µs of CPU time. */
export interface Cost {
  readonly replicaUs: Interval;
  readonly redisUs: Interval;
  /** What a critical operation costs on top, because it alone asks the store. */
  readonly recheck: { readonly replicaUs: Interval; readonly redisUs: Interval };
}

export interface Sizing {
  /** Of one core each, not rounded up. */
  readonly cores: Interval;
  /** Whole replicas. */
  readonly replicas: Interval;
  /** Whole Redis processes, by CPU time or memory, whichever needs more. */
  readonly redisNodes: Interval;
  /** Null where what a login stores was not measured. */
  readonly redisBytes: Interval | null;
  readonly wireBytesPerSecond: Interval | null;
  readonly p99Ms: Interval;
  /** `latency`: from measured latencies at this utilisation; `queue`: of two queues in a row, from the CPU times alone. */
  readonly p99From: 'latency' | 'queue';
  /** A month; null without prices, or where memory or bytes have a price and were not measured. */
  readonly money: Interval | null;
  /** What all of it rests on. */
  readonly figures: readonly Sourced[];
}

const clamped = (figure: Sourced | null): Interval =>
  figure === null
    ? NOTHING
    : { value: Math.max(0, figure.value), low: Math.max(0, figure.low), high: Math.max(0, figure.high) };

/** A process that is asked for nothing burns some CPU time, which is nobody's cost. */
const redisCost = ({ redisCpuUs, redisCommands }: ArmEvidence): Interval =>
  redisCommands !== null && redisCommands.value < 0.005 ? NOTHING : clamped(redisCpuUs);

/**
 * What it costs to ask the store once: what an arm that does so for every request takes beyond the baseline. Its own
 * code differs, so the least is what Redis alone takes.
 * @returns null where the run has no such arm
 */
export function recheckCost(run: RunEvidence): Cost['recheck'] | null {
  const base = run.baselineCpuUs;
  if (base === null) return null;
  const asking = run.arms
    .filter((arm) => arm.stores.includes('session') && (arm.redisCommands?.value ?? 0) > 0.5 && arm.cpuUs !== null)
    .sort((a, b) => (a.cpuUs?.value ?? 0) - (b.cpuUs?.value ?? 0))[0];
  if (asking === undefined || asking.cpuUs === null) return null;
  const { value, high } = asking.cpuUs;
  const replicaUs = { value: Math.max(0, value - base.value), low: 0, high: Math.max(0, high - base.low) };
  return { replicaUs, redisUs: redisCost(asking) };
}

/** @returns null where what a request costs was not measured, or what asking again costs */
export function costOf(arm: ArmEvidence, run: RunEvidence): Cost | null {
  if (arm.cpuUs === null) return null;
  const asks = arm.declares?.rechecksCredential === true && arm.serverState === 'redis';
  const recheck = asks ? recheckCost(run) : { replicaUs: NOTHING, redisUs: NOTHING };
  return recheck === null ? null : { replicaUs: clamped(arm.cpuUs), redisUs: redisCost(arm), recheck };
}

function each(make: (end: End) => number): Interval {
  return { value: make('value'), low: make('low'), high: make('high') };
}

/** A denylist holds what was revoked and has not expired: between nothing and one entry for each user. */
function bytesFor(arm: ArmEvidence, users: number): Interval | null {
  if (arm.serverState !== 'redis') return NOTHING;
  const kinds = arm.stores.map((kind) => ({ kind, bytes: arm.storedBytes[kind] ?? null }));
  if (kinds.length === 0 || kinds.some(({ bytes }) => bytes === null)) return null;
  return each((end) =>
    kinds.reduce((sum, { kind, bytes }) => {
      const entries = kind === 'denylist' && end !== 'high' ? 0 : users;
      return sum + entries * Math.max(0, bytes?.[end] ?? 0);
    }, 0),
  );
}

/** Between the measured loads, in proportion to 1 / (1 − load) as queues grow; null above the highest. */
function measuredP99(latencies: ArmEvidence['latencies'], utilisation: number, end: End): number | null {
  const [first, ...others] = latencies;
  if (first === undefined) return null;
  const crowd = (load: number) => 1 / (1 - Math.min(0.999, load));
  if (utilisation * 100 <= first.loadPct) return first.p99Us[end];
  let before = first;
  for (const after of others) {
    if (utilisation * 100 <= after.loadPct) {
      const [from, to] = [crowd(before.loadPct / 100), crowd(after.loadPct / 100)];
      const part = (crowd(utilisation) - from) / (to - from);
      return before.p99Us[end] + part * (after.p99Us[end] - before.p99Us[end]);
    }
    before = after;
  }
  return null;
}

/** How many replicas and Redis processes serve it. */
export interface Fleet {
  readonly replicas: number;
  readonly redisNodes: number;
}

/** With a given fleet; Infinity where it cannot carry the load. */
export function p99Of(arm: ArmEvidence, cost: Cost, needs: Needs, fleet: Fleet, end: End = 'value') {
  const { requestsPerSecond: rate, criticalShare, rttMs } = needs;
  const used = (us: number, of: number) => (us === 0 ? 0 : (rate * us * US) / Math.max(1, of));
  const mean = (light: Interval, more: Interval) => light[end] + criticalShare * more[end];
  const busy = used(mean(cost.replicaUs, cost.recheck.replicaUs), fleet.replicas);
  const busyRedis = used(mean(cost.redisUs, cost.recheck.redisUs), fleet.redisNodes);
  const stage = (us: number, utilisation: number) => ({ service: us * US, utilisation });
  const trips = Math.round(arm.redisCommands?.value ?? 0);
  const rechecks = cost.recheck.redisUs.value > 0;
  const way = (share: number, replicaUs: number, redisUs: number, commands: number) => ({
    share,
    stages: [stage(replicaUs, busy), stage(redisUs, busyRedis)],
    delay: (commands * rttMs) / 1000,
  });
  const light = way(1 - criticalShare, cost.replicaUs[end], cost.redisUs[end], trips);
  const critical = way(
    criticalShare,
    cost.replicaUs[end] + cost.recheck.replicaUs[end],
    cost.redisUs[end] + cost.recheck.redisUs[end],
    trips + (rechecks ? 1 : 0),
  );
  const modelled = 1000 * responseQuantile([light, critical], P99);
  const measured = measuredP99(arm.latencies, busy, end);
  if (measured === null || busy >= 1 || busyRedis >= 1) return { ms: modelled, from: 'queue' as const };
  // Measured with Redis next door. The slower of two paths decides where more than one request in a hundred takes it.
  const slowest = trips + (rechecks && criticalShare > 1 - P99 ? 1 : 0);
  return { ms: measured / 1000 + slowest * rttMs, from: 'latency' as const };
}

const whole = (amount: number) => Math.max(1, Math.ceil(amount - 1e-9));

/** @param scale multiplies what a light request costs: to try the ends of a paired ratio */
export function fleetFor(arm: ArmEvidence, cost: Cost, needs: Needs, end: End, scale = 1) {
  const { requestsPerSecond: rate, criticalShare, utilisation } = needs;
  const cores = (light: Interval, more: Interval) =>
    (rate * (light[end] * scale + criticalShare * more[end]) * US) / utilisation;
  const replicas = cores(cost.replicaUs, cost.recheck.replicaUs);
  const redis = cores(cost.redisUs, cost.recheck.redisUs);
  const bytes = bytesFor(arm, needs.users);
  const byMemory = Math.ceil((bytes?.[end] ?? 0) / USUAL.redisNodeBytes);
  const redisNodes = arm.serverState === 'redis' ? Math.max(whole(redis), byMemory) : 0;
  return { cores: replicas + redis, replicas: whole(replicas), unrounded: replicas, redisNodes };
}

/** A month; null without prices, or where traffic has a price and was not measured. */
export function moneyFor(arm: ArmEvidence, cost: Cost, needs: Needs, end: End, scale = 1): number | null {
  const { prices } = needs;
  if (prices === null) return null;
  const bytes = wireBytes(arm);
  if (bytes === null && prices.gigabyte > 0) return null;
  const { replicas, redisNodes } = fleetFor(arm, cost, needs, end, scale);
  const gigabytes = ((bytes?.[end] ?? 0) * needs.requestsPerSecond * SECONDS_A_MONTH) / GIGABYTE;
  return replicas * prices.replica + redisNodes * prices.redisNode + gigabytes * prices.gigabyte;
}

function wireBytes({ requestBytes, responseBytes }: ArmEvidence): Interval | null {
  return requestBytes === null || responseBytes === null ? null : each((end) => requestBytes[end] + responseBytes[end]);
}

/** In the order of an interval, whatever the order in which it was made. */
function ordered({ value, low, high }: Interval): Interval {
  return { value, low: Math.min(value, low, high), high: Math.max(value, low, high) };
}

export function sizeOf(arm: ArmEvidence, cost: Cost, needs: Needs): Sizing {
  const fleets = {
    value: fleetFor(arm, cost, needs, 'value'),
    low: fleetFor(arm, cost, needs, 'low'),
    high: fleetFor(arm, cost, needs, 'high'),
  };
  const bytes = wireBytes(arm);
  const p99 = (end: End) => p99Of(arm, cost, needs, fleets.value, end);
  const money = ENDS.map((end) => moneyFor(arm, cost, needs, end));
  const [value = null, low = null, high = null] = money;
  const latencies = p99('value').from === 'latency' ? arm.latencies.map((one) => one.p99Us) : [];
  const figures = [
    arm.cpuUs,
    arm.redisCpuUs,
    arm.requestBytes,
    arm.responseBytes,
    ...Object.values(arm.storedBytes),
    ...latencies,
  ];
  return {
    cores: each((end) => fleets[end].unrounded),
    replicas: each((end) => fleets[end].replicas),
    redisNodes: each((end) => fleets[end].redisNodes),
    redisBytes: bytesFor(arm, needs.users),
    wireBytesPerSecond: bytes === null ? null : each((end) => bytes[end] * needs.requestsPerSecond),
    p99Ms: ordered(each((end) => p99(end).ms)),
    p99From: p99('value').from,
    money: value === null || low === null || high === null ? null : ordered({ value, low, high }),
    figures: figures.filter((figure) => figure !== null),
  };
}

/** Of an interval that may be empty of meaning: a p99 that is Infinity at its high end is unknown above. */
export const isBounded = ({ high }: Bounds) => Number.isFinite(high);
