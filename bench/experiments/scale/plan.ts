/** The plan of `scale`: its series, their cells, and the allocation of the machine's cores. Pure. */

import type { Factors } from '../../../core/results/schema.ts';
import type { Random } from '../../../core/stats/random.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { Spreading } from '../../load/protocol.ts';
import { isReference } from '../../measuring/arms.ts';
import type { Profile } from '../../measuring/experiment.ts';

/**
 * `main`: throughput over replicas. `wall`: the same with Redis limited to a small share of a core, so that its limit
 * is within the measured range. `spread`: requests of a user to any replica, or to their own. `latency`: at a share
 * of capacity. `engines`: throughput by our own generator and by another, if requested.
 */
export type SeriesName = 'main' | 'wall' | 'spread' | 'latency' | 'engines';

export interface ScaleCell {
  readonly series: SeriesName;
  /** The loaded fleet. */
  readonly key: string;
  readonly arm: string;
  readonly factors: Factors;
}

export interface ScalePlan {
  readonly replicas: readonly number[];
  /** Once per round of a fork if time allows, in this order; `latency` only in the first round. */
  readonly series: readonly SeriesName[];
  /** How often `main`, which models are fitted to, is measured in each round after the first. */
  readonly mainPerRound: number;
  /** Starts of each fleet; fewer if fleets cannot run alone. */
  readonly minForks: number;
  readonly maxForks: number;
  /**
   * Whether each fleet is started alone, if time allows: among dozens of other processes a replica finds cold caches
   * and costs up to three times as much. Only numbers of replicas of one fleet are compared, so fleets can be
   * separate.
   */
  readonly alone: boolean;
  readonly warmUpMs: number;
  /** Time for each fleet to settle after a change of its shares. */
  readonly settleMs: number;
  /**
   * In its first period a replica has its saved quota as well as the current one, so the ramp is two periods if
   * possible.
   */
  readonly rampMs: number;
  /** The window with the most replicas; fewer replicas answer fewer requests, and get longer windows. */
  readonly windowMs: number;
  readonly wallRampMs: number;
  readonly wallWindowMs: number;
  readonly openMs: number;
  /** Seconds of each engine's turn; whole, because wrk accepts no others. */
  readonly engineSeconds: number;
  /** Blocks in the first round of a start: with one start, the interval is that between turns. */
  readonly engineBlocks: number;
  /** `ends`: with the lowest and the highest number of replicas. `most`: only with the highest. */
  readonly engineReplicas: 'ends' | 'most';
  /** Connections per replica, so that each is equally busy at any number of replicas. */
  readonly connectionsPerReplica: number;
  /** Enough to bridge the pauses of a Redis limited to a small share. */
  readonly wallConnectionsPerReplica: number;
  readonly users: number;
}

export const SCALE_PLANS: Readonly<Record<Profile, ScalePlan>> = {
  quick: {
    replicas: [1, 2, 4],
    series: ['main', 'spread'],
    mainPerRound: 1,
    // Starting many replicas takes longer than measuring them: one start, more blocks, and a flag that says so.
    minForks: 1,
    maxForks: 1,
    alone: false,
    warmUpMs: 20_000,
    settleMs: 200,
    rampMs: 100,
    windowMs: 120,
    wallRampMs: 200,
    wallWindowMs: 600,
    openMs: 600,
    engineSeconds: 1,
    engineBlocks: 3,
    engineReplicas: 'most',
    connectionsPerReplica: 20,
    wallConnectionsPerReplica: 80,
    users: 20,
  },
  full: {
    replicas: [1, 2, 3, 4, 6, 8],
    series: ['main', 'wall', 'spread', 'latency'],
    mainPerRound: 2,
    minForks: 3,
    maxForks: 8,
    alone: true,
    warmUpMs: 120_000,
    settleMs: 1_500,
    rampMs: 200,
    windowMs: 200,
    wallRampMs: 200,
    wallWindowMs: 600,
    openMs: 1_000,
    engineSeconds: 2,
    engineBlocks: 1,
    engineReplicas: 'ends',
    connectionsPerReplica: 20,
    wallConnectionsPerReplica: 80,
    users: 24,
  },
};

/** The load for latency, in percent of a cell's measured capacity. */
export const LATENCY_LOAD_PCT = 70;
/** Shares of critical operations in the requests to a hybrid arm, in the wall series. */
const CRITICAL_FRACTIONS = [0.1, 0.5];

/** The replicas together get this share of the remaining cores, which leaves room for generator and Redis. */
const SHARE_OF_REMAINING = 0.6;
const MAX_SHARE = 0.5;

/** @returns the fraction of a core for each replica, two digits */
export function replicaShare(cores: number, maxReplicas: number): number {
  const room = Math.max(0.5, cores - 1) * SHARE_OF_REMAINING;
  return Math.max(0.02, Math.floor(Math.min(MAX_SHARE, room / maxReplicas) * 100) / 100);
}

/**
 * Approximate CPU time of Redis relative to the replica's, for a session; used so that half of the replicas saturate
 * Redis.
 */
const REDIS_PER_REPLICA = 0.06;
/** With a smaller share, Redis' pauses are so long that they determine its batches, and so its costs. */
const LEAST_REDIS_SHARE = 0.02;

/**
 * @returns the share of a core for Redis, or each of its nodes, that half of the replicas should saturate; two digits
 */
export function wallShare(share: number, maxReplicas: number): number {
  const cores = REDIS_PER_REPLICA * share * Math.max(1, maxReplicas / 2);
  return Math.min(0.9, Math.max(LEAST_REDIS_SHARE, Math.round(cores * 100) / 100));
}

/**
 * A few replicas get up to twice the window: in a slice of a hundred requests, one garbage collection more or less
 * matters.
 */
const LONGEST_WINDOW = 2;

/** @returns ms */
export function windowFor(windowMs: number, replicas: number, most: number): number {
  return windowMs * Math.min(LONGEST_WINDOW, Math.sqrt(most / replicas));
}

/** Whole periods of the CPU limit, at least one: a partial one may include a replica's quota or not. @returns ms */
export function wholePeriods(ms: number, periodMs: number): number {
  return Math.max(1, Math.round(ms / periodMs)) * periodMs;
}

/** An additional fleet, for the wall series alone. */
export interface Variant {
  readonly key: string;
  readonly arm: ArmInfo;
  readonly factors: Factors;
  readonly kind: 'no-autopipelining' | 'cluster';
  readonly replicas: number;
}

/** Without autopipelining, one or two replicas already saturate Redis. */
const MOST_WITHOUT_AUTOPIPELINING = 4;

export interface VariantOptions {
  readonly most: number;
  /** Whether a cluster can be started in addition to the arm's own Redis, which is none. */
  readonly cluster: boolean;
}

/** Variants that show the effect of the client and of the cluster, on the plain session arm. */
export function variantsOf(arms: readonly ArmInfo[], { most, cluster }: VariantOptions): readonly Variant[] {
  const arm = arms.find((each) => isReference(each) && each.usesRedis);
  if (arm === undefined) return [];
  const withoutPipelining: Variant = {
    key: `${arm.name}/no-autopipelining`,
    arm,
    factors: { autopipelining: 'off' },
    kind: 'no-autopipelining',
    replicas: Math.min(most, MOST_WITHOUT_AUTOPIPELINING),
  };
  const clustered: Variant = {
    key: `${arm.name}/cluster`,
    arm,
    factors: { redis: 'cluster' },
    kind: 'cluster',
    replicas: most,
  };
  return cluster ? [withoutPipelining, clustered] : [withoutPipelining];
}

/**
 * Every cell once: arms in random order, with the numbers of replicas of each in random order and in succession. A
 * machine's speed drifts by tens of percent within seconds; within an arm it is then nearly constant.
 */
export function blockOrder(cells: readonly ScaleCell[], random: Random): readonly ScaleCell[] {
  const lines = Map.groupBy(cells, ({ key, factors: { replicas: _, ...others } }) => JSON.stringify([key, others]));
  return random.shuffle([...lines.values()]).flatMap((line) => random.shuffle(line));
}

/**
 * The cells to measure even if time is short: a fleet without a slice would have been started in vain.
 * @param measured keys of the fleets with a slice
 */
export function cellsOfNewFleets(cells: readonly ScaleCell[], measured: ReadonlySet<string>): readonly ScaleCell[] {
  return cells.filter(({ key }) => !measured.has(key));
}

/** The lowest, the highest and powers of two in between, at most four in total; three are few enough already. */
export function fewOf(replicas: readonly number[]): readonly number[] {
  if (replicas.length <= 3) return replicas;
  const most = Math.max(...replicas);
  const powers = replicas.filter((n) => Number.isInteger(Math.log2(n)) || n === most);
  return powers.length >= 2 ? powers.slice(-4) : [Math.min(...replicas), most];
}

/** Whether an arm's light reads need no store, while its critical operations ask Redis. */
function isHybrid(arm: ArmInfo): boolean {
  return arm.family === 'combination' && arm.usesRedis && arm.redisCommandsPerRequest === 0;
}

export interface GridOptions {
  readonly arms: readonly ArmInfo[];
  readonly variants: readonly Variant[];
  readonly replicas: readonly number[];
  readonly plan: Pick<ScalePlan, 'series' | 'engineReplicas'>;
  /** Null if no share can be set: then there is no limit to see. */
  readonly redisShare: number | null;
  /** The generator of a second opinion; none if absent. */
  readonly engine?: string | undefined;
}

/**
 * Every cell of every series. An arm that needs sticky routing is only in `spread`: elsewhere it would mostly refuse.
 */
export function scaleGrid({ arms, variants, replicas, plan, redisShare, engine }: GridOptions): readonly ScaleCell[] {
  const steady = arms.filter((arm) => !arm.needsStickyRouting);
  const few = fewOf(replicas);
  const wanted = (series: SeriesName) => plan.series.includes(series);
  const grid: ScaleCell[] = [];
  const add = (series: SeriesName, key: string, arm: ArmInfo, counts: readonly number[], factors: Factors = {}) => {
    for (const count of counts) grid.push({ series, key, arm: arm.name, factors: { replicas: count, ...factors } });
  };
  for (const arm of steady) add('main', arm.name, arm, replicas);
  if (wanted('wall') && redisShare !== null) {
    const control = steady.find((arm) => !arm.baseline && !arm.usesRedis);
    const users = steady.filter((arm) => arm.usesRedis);
    const share = { redis_share: redisShare };
    for (const arm of users) {
      add('wall', arm.name, arm, few, share);
      if (!isHybrid(arm)) continue;
      for (const critical_fraction of CRITICAL_FRACTIONS)
        add('wall', arm.name, arm, few, { ...share, critical_fraction });
    }
    for (const { key, arm, factors, replicas: most } of variants) {
      const counts = few.filter((count) => count <= most);
      add('wall', key, arm, counts, { ...share, ...factors });
    }
    if (control && users.length > 0) add('wall', control.name, control, few, share);
  }
  if (wanted('spread')) {
    const most = Math.max(...replicas);
    const counts = few.filter((count) => count <= 4 || count === most).slice(0, 3);
    const plain = steady.find((arm) => arm.usesRedis);
    const spread = (arm: ArmInfo, how: Spreading, numbers: readonly number[]) =>
      add('spread', arm.name, arm, numbers, how === 'connection' ? {} : { spreading: how });
    for (const arm of arms.filter(({ needsStickyRouting }) => needsStickyRouting))
      for (const how of ['connection', 'request', 'sticky'] as const) spread(arm, how, counts);
    const several = counts.filter((count) => count > 1);
    if (plain && wanted('wall')) for (const how of ['request', 'sticky'] as const) spread(plain, how, several);
  }
  if (engine !== undefined) {
    // A proof is valid for one request, and wrk repeats its own.
    const most = Math.max(...replicas);
    const counts = plan.engineReplicas === 'most' ? [most] : [...new Set([Math.min(...replicas), most])];
    for (const arm of steady.filter(({ senderConstrained }) => senderConstrained !== true))
      add('engines', arm.name, arm, counts, { engine });
  }
  if (wanted('latency')) {
    const ends = few.length <= 3 ? few : [few[0] ?? 1, few[few.length - 2] ?? 1, few[few.length - 1] ?? 1];
    for (const arm of steady) add('latency', arm.name, arm, ends, { load_pct: LATENCY_LOAD_PCT });
  }
  return grid;
}
