/**
 * The prediction of a closed network for an arm whose Redis is moved away: the generator, the replica and Redis as
 * stations with the CPU time that was measured with Redis on loopback, and the network as a delay. The extra time of a
 * single request there (kernel, loopback, waking up) is taken from that one throughput; every other throughput is
 * predicted. Pure.
 */
import { type ClosedStation, solveClosed } from '../../../core/model/closed.ts';

/** CPU seconds per request. */
export interface Demands {
  readonly generator: number;
  readonly replica: number;
  readonly redis: number;
}

export interface DistanceInputs {
  /**
   * Demands by requests in flight, including 1: together each costs less, since one turn of an event loop serves
   * several.
   */
  readonly demands: ReadonlyMap<number, Demands>;
  /** Cores that the replica is held to; null for no limit. */
  readonly share: number | null;
  /** Requests per second and round trip in seconds of the cell that the model is fitted on: one request in flight. */
  readonly fitted: { readonly throughput: number; readonly rtt: number };
  /** Round trips to Redis that one request waits for. */
  readonly roundTrips: number;
}

/** @param rtt seconds @returns requests per second; null if nothing is known about this number in flight */
export function predictThroughput(inputs: DistanceInputs, rtt: number, inFlight: number): number | null {
  const { demands, share, fitted, roundTrips } = inputs;
  const alone = demands.get(1);
  const many = demands.get(inFlight);
  if (alone === undefined || many === undefined) return null;
  const { generator, replica, redis } = many;
  const busyAlone = alone.generator + alone.replica + alone.redis;
  const rest = Math.max(0, 1 / fitted.throughput - busyAlone - fitted.rtt * roundTrips);
  const stations: ClosedStation[] = [
    { kind: 'queue', name: 'generator', demand: generator },
    { kind: 'queue', name: 'replica', demand: replica },
    { kind: 'queue', name: 'redis', demand: redis },
    { kind: 'delay', name: 'network', demand: rest + rtt * roundTrips },
  ];
  const { throughput } = solveClosed(stations, inFlight);
  // A share is no slower server: it is a server that rests once its time is used up.
  return share === null ? throughput : Math.min(throughput, share / replica);
}
