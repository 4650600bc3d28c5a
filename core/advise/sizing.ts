/**
 * What a load needs of one arm: replicas, Redis processes, memory, bandwidth, latency, money; with the intervals that
 * follow from the figures. This extrapolates: a request is assumed to cost the same on other machines.
 */

import { USUAL } from '../model/usual.ts';
import type { Bounds, Interval } from '../stats/interval.ts';
import { askingShare, type Cost, ENDS, type End } from './cost.ts';
import type { ArmEvidence, Sourced } from './evidence.ts';
import { p99Of } from './latency.ts';
import type { Needs } from './needs.ts';

const MICROSECOND = 1e-6;
export const SECONDS_A_MONTH = (365.25 * 86_400) / 12;
const GIGABYTE = 1e9;

export interface Sizing {
  /** Processes of one core each, not rounded up. */
  readonly cores: Interval;
  /** Whole replicas. */
  readonly replicas: Interval;
  /** Whole authorization servers or databases, of one core each; 0 for none. */
  readonly companions: Interval;
  /** Whole Redis processes, by CPU time or memory, whichever needs more. */
  readonly redisNodes: Interval;
  /** Null if the bytes stored by a login were not measured. */
  readonly redisBytes: Interval | null;
  readonly wireBytesPerSecond: Interval | null;
  readonly p99Ms: Interval;
  /**
   * `latency`: from measured latencies at this utilisation; `queue`: from a model of two queues in series, using CPU
   * times alone.
   */
  readonly p99From: 'latency' | 'queue';
  /** Monthly; null without prices, or if memory or bytes have a price and were not measured. */
  readonly money: Interval | null;
  /** The figures that the result rests on. */
  readonly figures: readonly Sourced[];
}

function each(make: (end: End) => number): Interval {
  return { value: make('value'), low: make('low'), high: make('high') };
}

/** The authorization server keeps its tokens in Redis. */
export const usesRedis = ({ serverState }: ArmEvidence) => serverState === 'redis' || serverState === 'issuer';

/**
 * At one end of the interval. A denylist stores tokens that were revoked and have not expired: between none and one
 * for each user. @returns null if the bytes stored by a login were not measured
 */
function bytesAt(arm: ArmEvidence, users: number, end: End): number | null {
  if (!usesRedis(arm)) return 0;
  let sum = arm.stores.length === 0 ? null : 0;
  for (const kind of arm.stores) {
    const bytes = arm.storedBytes[kind];
    if (bytes === undefined || sum === null) return null;
    const entries = kind === 'denylist' && end !== 'high' ? 0 : users;
    sum += entries * Math.max(0, bytes[end]);
  }
  return sum;
}

/** Bytes in Redis; null if the bytes stored by a login were not measured. */
export function bytesFor(arm: ArmEvidence, users: number): Interval | null {
  return bytesAt(arm, users, 'value') === null ? null : each((end) => bytesAt(arm, users, end) ?? 0);
}

const whole = (amount: number) => Math.max(1, Math.ceil(amount - 1e-9));

export interface FleetSize {
  readonly replicas: number;
  /** Replicas before rounding up. */
  readonly unrounded: number;
  readonly companions: number;
  readonly redisNodes: number;
}

/**
 * The fleet as a function of a factor for the cost of a light request, to try the ends of a paired ratio. What does
 * not depend on that factor is calculated once, because a search asks thousands of times.
 */
function fleetAt(arm: ArmEvidence, cost: Cost, needs: Needs, end: End): (scale: number) => FleetSize {
  const { requestsPerSecond: rate, utilisation } = needs;
  const asking = askingShare(arm, cost, needs);
  const byMemory = Math.ceil((bytesAt(arm, needs.users, end) ?? 0) / USUAL.redisNodeBytes);
  const hasRedis = usesRedis(arm);
  const { replicaUs, redisUs, companionUs, recheck } = cost;
  const coresFor = (light: Interval, more: Interval) => {
    const [lightUs, moreUs] = [light[end], asking * more[end]];
    return (scale: number) => (rate * (lightUs * scale + moreUs) * MICROSECOND) / utilisation;
  };
  const replicasAt = coresFor(replicaUs, recheck.replicaUs);
  const redisAt = coresFor(redisUs, recheck.redisUs);
  const besideAt = coresFor(companionUs, recheck.companionUs);
  return (scale) => {
    const [replicas, redis, beside] = [replicasAt(scale), redisAt(scale), besideAt(scale)];
    return {
      replicas: whole(replicas),
      unrounded: replicas,
      companions: beside > 0 ? whole(beside) : 0,
      redisNodes: hasRedis ? Math.max(whole(redis), byMemory) : 0,
    };
  };
}

export function fleetFor(arm: ArmEvidence, cost: Cost, needs: Needs, end: End): FleetSize {
  return fleetAt(arm, cost, needs, end)(1);
}

/**
 * The monthly cost as a function of the same factor; null without prices, or if traffic has a price and was not
 * measured.
 */
export function moneyAt(arm: ArmEvidence, cost: Cost, needs: Needs, end: End): ((scale: number) => number) | null {
  const { prices } = needs;
  if (prices === null) return null;
  const { requestBytes, responseBytes } = arm;
  const isKnown = requestBytes !== null && responseBytes !== null;
  if (!isKnown && prices.gigabyte > 0) return null;
  const bytes = isKnown ? requestBytes[end] + responseBytes[end] : 0;
  const gigabytes = (bytes * needs.requestsPerSecond * SECONDS_A_MONTH) / GIGABYTE;
  const traffic = gigabytes * prices.gigabyte;
  const fleet = fleetAt(arm, cost, needs, end);
  return (scale) => {
    const { replicas, companions, redisNodes } = fleet(scale);
    // Companions run on the same type of host as replicas.
    return (replicas + companions) * prices.replica + redisNodes * prices.redisNode + traffic;
  };
}

/** Monthly; null as in `moneyAt`. */
export function moneyFor(arm: ArmEvidence, cost: Cost, needs: Needs, end: End): number | null {
  return moneyAt(arm, cost, needs, end)?.(1) ?? null;
}

function wireBytes({ requestBytes, responseBytes }: ArmEvidence): Interval | null {
  return requestBytes === null || responseBytes === null ? null : each((end) => requestBytes[end] + responseBytes[end]);
}

/** The same interval with its ends in ascending order. */
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
    arm.verifiedUs,
    arm.redisCpuUs,
    arm.companionCpuUs,
    arm.requestBytes,
    arm.responseBytes,
    ...Object.values(arm.storedBytes),
    ...latencies,
  ];
  return {
    cores: each((end) => fleets[end].unrounded),
    replicas: each((end) => fleets[end].replicas),
    companions: each((end) => fleets[end].companions),
    redisNodes: each((end) => fleets[end].redisNodes),
    redisBytes: bytesFor(arm, needs.users),
    wireBytesPerSecond: bytes === null ? null : each((end) => bytes[end] * needs.requestsPerSecond),
    p99Ms: ordered(each((end) => p99(end).ms)),
    p99From: p99('value').from,
    money: value === null || low === null || high === null ? null : ordered({ value, low, high }),
    figures: figures.filter((figure) => figure !== null),
  };
}

/** Whether an interval has a finite upper end. A p99 that is Infinity at its high end has no known upper bound. */
export const isBounded = ({ high }: Bounds) => Number.isFinite(high);
