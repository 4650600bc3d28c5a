/**
 * The fleet that a load needs, on hosts with prices: hosts of each role, Redis shards, network, money, and the first
 * bottleneck. Every number comes from a model, which assumes that a request costs the same on these hosts and at any
 * load. Pure.
 */
import type { Interval } from '../../stats/interval.ts';
import { formatUpTo } from '../../text/format.ts';
import { askingShare, type Cost, ENDS, type End } from '../cost.ts';
import type { ArmEvidence } from '../evidence.ts';
import type { Needs } from '../needs.ts';
import { bytesFor, SECONDS_A_MONTH, usesRedis } from '../sizing.ts';
import type { PriceList } from './prices.ts';

const MICROSECOND = 1e-6;
const GIGA = 1e9;
const BITS = 8;
/** The Redis Cluster specification speaks of up to 1,000 nodes. */
const MOST_CLUSTER_NODES = 1000;

/** A number from a model, never measured; its `source` says so everywhere. */
export interface ModelFigure extends Interval {
  readonly unit: string;
  readonly source: 'model';
}

export type Role = 'balancer' | 'replica' | 'redis';
export type Resource = 'cpu' | 'memory' | 'network' | 'requests';

export interface RolePlan {
  readonly role: Role;
  /** The host's name in the list of prices. */
  readonly host: string;
  readonly hosts: ModelFigure;
  /** The resource that decides the number of hosts. */
  readonly decidedBy: Resource;
  /** The load at which each resource of these hosts reaches its highest utilisation. */
  readonly fullAtRps: readonly { readonly resource: Resource; readonly requestsPerSecond: number }[];
}

export interface Plan {
  readonly source: 'model';
  readonly arm: string;
  readonly requestsPerSecond: number;
  /** Logged-in users, in the same proportion to the request rate as in the needs. */
  readonly users: number;
  readonly roles: readonly RolePlan[];
  /** Processes of one core. */
  readonly replicas: ModelFigure;
  /** Processes that each store different keys, without standby copies; 0 if the arm does not use Redis. */
  readonly redisShards: ModelFigure;
  /** Null if the bytes stored by a login were not measured. */
  readonly redisBytes: ModelFigure | null;
  /** Between clients and replicas; null if bytes were not measured. */
  readonly inBytesPerSecond: ModelFigure | null;
  readonly outBytesPerSecond: ModelFigure | null;
  /** Null if traffic has a price and was not measured. */
  readonly perMonth: ModelFigure | null;
  /** The first bottleneck if the load grows and the hosts do not. */
  readonly bottleneck: {
    readonly role: Role;
    readonly resource: Resource;
    readonly requestsPerSecond: number;
    readonly source: 'model';
  } | null;
  /** What the plan leaves out because it was not measured, and the limits it exceeds. */
  readonly cautions: readonly string[];
}

/** What a role needs of one resource at a load, in units of one host. */
interface Demand {
  readonly resource: Resource;
  readonly hosts: Interval;
}

const NOTHING: Interval = { value: 0, low: 0, high: 0 };
const each = (make: (end: End) => number): Interval => {
  const [value = 0, low = 0, high = 0] = ENDS.map(make);
  return { value, low: Math.min(low, value, high), high: Math.max(low, value, high) };
};
const model = (interval: Interval, unit: string): ModelFigure => ({ ...interval, unit, source: 'model' });
/** Rounding errors in the last digits do not add a host. */
const whole = (amount: number) => Math.ceil(amount - 1e-9);

/** @param sets number of sets of hosts: a shard and its copies */
function roleOf(role: Role, host: string, demands: readonly Demand[], rate: number, sets = 1): RolePlan {
  const most = (end: End) => Math.max(1, ...demands.map(({ hosts }) => whole(hosts[end])));
  const hosts = each(most);
  const decisive = demands.toSorted((a, b) => b.hosts.value - a.hosts.value)[0];
  return {
    role,
    host,
    hosts: model({ value: hosts.value * sets, low: hosts.low * sets, high: hosts.high * sets }, 'hosts'),
    decidedBy: decisive?.resource ?? 'cpu',
    fullAtRps: demands
      .filter(({ hosts: needed }) => needed.value > 0)
      .map(({ resource, hosts: needed }) => ({ resource, requestsPerSecond: (rate * hosts.value) / needed.value })),
  };
}

/** What the plans of all roles depend on. */
interface Load {
  readonly requestsPerSecond: number;
  readonly utilisation: number;
  readonly prices: PriceList;
  /** Null if bytes were not measured. */
  readonly traffic: Traffic | null;
}

/** Bandwidth in units of what may be used of one host's. @param bytesPerSecond in one direction */
function linksOf(bytesPerSecond: Interval, networkGbit: number, { utilisation }: Load): Interval {
  return each((end) => (bytesPerSecond[end] * BITS) / (networkGbit * GIGA * utilisation));
}

/** @returns null if there is no balancer */
function balancerPlan(load: Load): RolePlan | null {
  const { requestsPerSecond, utilisation, prices, traffic } = load;
  const { balancer } = prices.hosts;
  if (balancer === undefined) return null;
  const demands: Demand[] = [];
  if (traffic !== null) {
    // In each direction, a host carries requests from clients and responses from replicas.
    const both = each((end) => traffic.in[end] + traffic.out[end]);
    demands.push({ resource: 'network', hosts: linksOf(both, balancer.networkGbit, load) });
  }
  if (balancer.requestsPerSecond !== undefined) {
    const share = requestsPerSecond / (balancer.requestsPerSecond * utilisation);
    demands.push({ resource: 'requests', hosts: { value: share, low: share, high: share } });
  }
  return roleOf('balancer', balancer.name, demands, requestsPerSecond);
}

/** @param cores of replicas and of what runs beside them */
function replicaPlan(load: Load, cores: Interval): RolePlan {
  const { requestsPerSecond, prices, traffic } = load;
  const { replica } = prices.hosts;
  const demands: Demand[] = [{ resource: 'cpu', hosts: each((end) => cores[end] / replica.cores) }];
  if (traffic !== null) {
    const busier = each((end) => Math.max(traffic.in[end], traffic.out[end]));
    demands.push({ resource: 'network', hosts: linksOf(busier, replica.networkGbit, load) });
  }
  return roleOf('replica', replica.name, demands, requestsPerSecond);
}

/** @param bytes null if the bytes stored by a login were not measured */
function redisPlan(
  { requestsPerSecond, utilisation, prices }: Load,
  cores: Interval,
  bytes: Interval | null,
): { readonly role: RolePlan; readonly shards: Interval } {
  const { redis } = prices.hosts;
  const sets = 1 + (redis.copies ?? 0);
  const demands: Demand[] = [{ resource: 'cpu', hosts: each((end) => cores[end] / redis.cores) }];
  if (bytes !== null) {
    const memory = each((end) => bytes[end] / (redis.memoryGb * GIGA * utilisation));
    demands.push({ resource: 'memory', hosts: memory });
  }
  const role = roleOf('redis', redis.name, demands, requestsPerSecond, sets);
  // A shard is one thread, and each host has at least one.
  return { role, shards: each((end) => Math.max(whole(cores[end]), role.hosts[end] / sets)) };
}

export function planFor(
  arm: ArmEvidence,
  cost: Cost,
  needs: Pick<Needs, 'requestsPerSecond' | 'users' | 'criticalShare' | 'utilisation'>,
  prices: PriceList,
  requestsPerSecond: number,
): Plan {
  const { utilisation } = needs;
  const users = Math.round((needs.users * requestsPerSecond) / needs.requestsPerSecond);
  const asking = askingShare(arm, cost, { ...needs, users, requestsPerSecond });
  const cores = (light: Interval, more: Interval) =>
    each((end) => (requestsPerSecond * (light[end] + asking * more[end]) * MICROSECOND) / utilisation);
  const replicaCores = cores(cost.replicaUs, cost.recheck.replicaUs);
  // Authorization servers and databases run on the same type of host as replicas.
  const besideCores = cores(cost.companionUs, cost.recheck.companionUs);
  const isOnRedis = usesRedis(arm);
  const redisBytes = isOnRedis ? bytesFor(arm, users) : NOTHING;
  const traffic = trafficOf(arm, requestsPerSecond);
  const load = { requestsPerSecond, utilisation, prices, traffic };
  const balancer = balancerPlan(load);
  const replica = replicaPlan(
    load,
    each((end) => replicaCores[end] + besideCores[end]),
  );
  const redis = isOnRedis ? redisPlan(load, cores(cost.redisUs, cost.recheck.redisUs), redisBytes) : null;
  const roles = [balancer, replica, redis?.role ?? null].filter((role) => role !== null);
  const shards = redis?.shards ?? NOTHING;
  return {
    source: 'model',
    arm: arm.name,
    requestsPerSecond,
    users,
    roles,
    replicas: model(
      each((end) => Math.max(1, whole(replicaCores[end]))),
      'replicas',
    ),
    redisShards: model(shards, 'shards'),
    redisBytes: redisBytes === null ? null : model(redisBytes, 'B'),
    inBytesPerSecond: traffic && model(traffic.in, 'B/s'),
    outBytesPerSecond: traffic && model(traffic.out, 'B/s'),
    perMonth: moneyOf(roles, traffic, prices),
    bottleneck: bottleneckOf(roles),
    cautions: cautionsOf({
      hasTraffic: traffic !== null,
      hasBytes: redisBytes !== null,
      nodes: shards.high * (1 + (prices.hosts.redis.copies ?? 0)),
    }),
  };
}

interface Traffic {
  /** Bytes a second from clients. */
  readonly in: Interval;
  readonly out: Interval;
}

function trafficOf({ requestBytes, responseBytes }: ArmEvidence, rate: number): Traffic | null {
  if (requestBytes === null || responseBytes === null) return null;
  return { in: each((end) => requestBytes[end] * rate), out: each((end) => responseBytes[end] * rate) };
}

function moneyOf(roles: readonly RolePlan[], traffic: Traffic | null, prices: PriceList): ModelFigure | null {
  const { inPerGb, outPerGb } = prices.traffic;
  if (traffic === null && inPerGb + outPerGb > 0) return null;
  const priceOf = ({ role }: RolePlan) => prices.hosts[role]?.perMonth ?? 0;
  const sum = each((end) => {
    const hosts = roles.reduce((total, role) => total + role.hosts[end] * priceOf(role), 0);
    const bytes = traffic === null ? 0 : traffic.in[end] * inPerGb + traffic.out[end] * outPerGb;
    return hosts + (bytes * SECONDS_A_MONTH) / GIGA;
  });
  return model(sum, prices.currency);
}

function bottleneckOf(roles: readonly RolePlan[]): Plan['bottleneck'] {
  const all = roles.flatMap(({ role, fullAtRps }) => fullAtRps.map((full) => ({ role, ...full })));
  const [first] = all.toSorted((a, b) => a.requestsPerSecond - b.requestsPerSecond);
  return first === undefined ? null : { ...first, source: 'model' };
}

function cautionsOf(known: {
  readonly hasTraffic: boolean;
  readonly hasBytes: boolean;
  readonly nodes: number;
}): string[] {
  return [
    ...(known.hasTraffic ? [] : ['bytes of requests were not measured: network is excluded']),
    ...(known.hasBytes ? [] : ['the memory of a login was not measured: Redis memory is excluded']),
    ...(known.nodes > MOST_CLUSTER_NODES
      ? [`more Redis nodes than the maximum of ${MOST_CLUSTER_NODES} in the Redis Cluster specification`]
      : []),
  ];
}

/** The assumptions of every plan, in sentences. */
export function assumptionsOf(
  needs: Pick<Needs, 'users' | 'requestsPerSecond' | 'utilisation' | 'criticalShare'>,
): string[] {
  const percent = (share: number) => `${formatUpTo(100 * share, 1)} %`;
  return [
    'A request costs the same CPU time on these hosts, and at any load, as in the measurement.',
    `CPU, network and Redis memory are used up to ${percent(needs.utilisation)}; load and keys are spread evenly.`,
    `Users grow with the load: ${formatUpTo(needs.users, 3)} for ${formatUpTo(needs.requestsPerSecond, 3)} requests a second. ${percent(needs.criticalShare)} of the requests are critical.`,
    'Each replica has one core, and so has each Redis shard, which runs commands on one thread.',
    'All requests are as light as the measured one: the work of your own routes is extra.',
    'Excluded: traffic between replicas and Redis, between zones and to standby copies, and memory of replicas.',
  ];
}
