/**
 * What a closed network says of an arm whose Redis is moved away: the generator, the replica and Redis as stations with
 * the CPU time that was measured, the network as a delay. What one request takes beyond that with Redis at hand (kernel,
 * loopback, waking up) is taken from that one cell, and everything else is predicted. Pure.
 */
import { type ClosedStation, solveClosed } from '../model/closed.ts';

export interface DistanceInputs {
  /** CPU seconds per request. */
  readonly generator: number;
  readonly replica: number;
  readonly redis: number;
  /** Cores that the replica is held to; null for no limit. */
  readonly share: number | null;
  /** Requests per second and round trip in seconds of the cell that the model is fitted on: one request in flight. */
  readonly fitted: { readonly throughput: number; readonly rtt: number };
  /** Round trips to Redis that one request waits for. */
  readonly roundTrips: number;
}

/** @param rtt seconds @returns requests per second */
export function predictThroughput(inputs: DistanceInputs, rtt: number, inFlight: number): number {
  const { generator, replica, redis, share, fitted, roundTrips } = inputs;
  const busy = generator + replica + redis;
  const rest = Math.max(0, 1 / fitted.throughput - busy - fitted.rtt * roundTrips);
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
