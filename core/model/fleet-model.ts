/** A fleet under a closed load as a queueing network: predicts throughput from the cost of a request. */
import { type BatchCost, batchRate, fullRate } from './batch-cost.ts';
import { type ClosedSolution, type ClosedStation, solveClosed } from './closed.ts';

/** CPU time of one request, by process. */
export interface FleetDemands {
  readonly replicaCpuUs: number;
  /** Null if the arm does not use Redis. */
  readonly redis: BatchCost | null;
  /** CPU time of the load generator. It is one process, and a station of the network too. */
  readonly generatorCpuUs: number;
}

export interface FleetSetting {
  readonly replicas: number;
  /** Cores that each replica may use. */
  readonly replicaCores: number;
  /** Cores that each Redis may use: at most one, since it executes commands on one thread. */
  readonly redisCores: number;
  /** Nodes over which the keys are spread evenly: 1, or those of a cluster. */
  readonly redisNodes: number;
  /** The total number of users; each has one request in flight. */
  readonly users: number;
  /** Network round-trip time between replica and Redis. */
  readonly redisRttMs: number;
  /** `bound`: users are divided evenly and stay with one replica. `random`: each request goes to any replica. */
  readonly routing: 'bound' | 'random';
}

/**
 * Replicas with bound users are one station of N servers: users are divided evenly, so none idles while others queue.
 * That is exact as long as replicas are busy, and within 3 % otherwise, as the simulation shows. If each request goes
 * to any replica, some queue while others idle, so they are N stations.
 */
export function solveFleet(demands: FleetDemands, setting: FleetSetting): ClosedSolution {
  const { replicas, replicaCores, redisCores, redisNodes, users, redisRttMs, routing } = setting;
  const demand = demands.replicaCpuUs / 1e6 / replicaCores;
  const stations: ClosedStation[] = [
    routing === 'bound'
      ? { kind: 'servers', name: 'replicas', demand, servers: replicas }
      : { kind: 'queue', name: 'replicas', demand, copies: replicas },
    { kind: 'queue', name: 'generator', demand: demands.generatorCpuUs / 1e6 },
  ];
  if (demands.redis !== null) {
    const rate = batchRate(demands.redis, redisCores);
    stations.push({ kind: 'delay', name: 'wire', demand: redisRttMs / 1000 });
    for (let node = 0; node < redisNodes; node++) {
      // A request visits one of the nodes. Each node completes its own requests, and the network completes all of
      // them.
      stations.push({ kind: 'load-dependent', name: `redis ${node}`, rate: (present) => redisNodes * rate(present) });
    }
  }
  return solveClosed(stations, users);
}

/** The upper bound of throughput, and the resource that sets it. */
export function fleetBound(
  demands: FleetDemands,
  setting: Pick<FleetSetting, 'replicas' | 'replicaCores' | 'redisCores' | 'redisNodes'>,
): { readonly throughput: number; readonly by: 'replicas' | 'redis' } {
  const replicas = (setting.replicas * setting.replicaCores * 1e6) / demands.replicaCpuUs;
  const redis =
    demands.redis === null
      ? Number.POSITIVE_INFINITY
      : fullRate(demands.redis, setting.redisCores) * setting.redisNodes;
  return replicas <= redis ? { throughput: replicas, by: 'replicas' } : { throughput: redis, by: 'redis' };
}
