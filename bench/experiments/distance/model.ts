/**
 * Predicts throughput with a remote Redis by a closed network: the generator, the replica and Redis are stations with
 * their CPU times measured with Redis on loopback, and the network is a delay. The remaining time of a single request
 * there (kernel, loopback, waking up) is fitted to its throughput; every other throughput is predicted. Pure.
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
   * Demands by requests in flight, including 1: the cost per request falls, since one turn of an event loop serves
   * several.
   */
  readonly demands: ReadonlyMap<number, Demands>;
  /** The CPU limit of the replica, in cores; null for no limit. */
  readonly share: number | null;
  /** Requests per second and round trip in seconds of the fitted cell: one request in flight. */
  readonly fitted: { readonly throughput: number; readonly rtt: number };
  /** Sequential round trips to Redis of one request. */
  readonly roundTrips: number;
}

/** @param rtt seconds @returns requests per second; null if this number in flight was not measured */
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
  // A CPU limit does not slow a server down: it pauses it once its time is used up.
  return share === null ? throughput : Math.min(throughput, share / replica);
}
