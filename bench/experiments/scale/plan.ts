/** What `scale` measures: its series, their cells, and how the machine's cores are dealt out. Pure. */

import type { Factors } from '../../../core/results/schema.ts';
import type { Random } from '../../../core/stats/random.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { Spreading } from '../../load/protocol.ts';
import { isReference } from '../../measuring/arms.ts';
import type { Profile } from '../../measuring/experiment.ts';

/**
 * `main`: throughput over replicas. `wall`: the same with Redis held to a small share of a core, so that its limit stands
 * inside the measured range. `spread`: requests of a user to any replica, or to their own. `latency`: at a part of capacity.
 * `engines`: throughput by our own generator and by another, where that was asked for.
 */
export type SeriesName = 'main' | 'wall' | 'spread' | 'latency' | 'engines';

export interface ScaleCell {
  readonly series: SeriesName;
  /** The fleet that is loaded. */
  readonly key: string;
  readonly arm: string;
  readonly factors: Factors;
}

export interface ScalePlan {
  readonly replicas: readonly number[];
  /** Once in each round of a fork where time allows, in this order; `latency` in the first round alone. */
  readonly series: readonly SeriesName[];
  /** How often `main`, to which models are fitted, is measured in each round except the first. */
  readonly mainPerRound: number;
  /** Starts of each fleet; fewer where fleets cannot be alone. */
  readonly minForks: number;
  readonly maxForks: number;
  /**
   * Whether each fleet is started alone, if time allows: among dozens of other processes a replica finds its caches
   * cold and costs up to three times as much. The comparison is between numbers of replicas of one fleet, so fleets can
   * be apart.
   */
  readonly alone: boolean;
  readonly warmUpMs: number;
  /** Time for each fleet to settle once its shares are set, so that the change is not in the first slices. */
  readonly settleMs: number;
  /** In its first period a replica has the turn that it saved up and that of the period, so two periods where possible. */
  readonly rampMs: number;
  /** The window with the most replicas; fewer replicas are ready fewer requests, and get longer windows. */
  readonly windowMs: number;
  readonly wallRampMs: number;
  readonly wallWindowMs: number;
  readonly openMs: number;
  /** Length of each engine's turn, in whole seconds, since wrk accepts no others. */
  readonly engineSeconds: number;
  /** Blocks in the first round of a start: without several starts, the interval is that of turns. */
  readonly engineBlocks: number;
  /** `ends`: with the fewest and the most replicas. `most`: only with the most. */
  readonly engineReplicas: 'ends' | 'most';
  /** Connections for each replica, so that each is equally busy at any number of replicas. */
  readonly connectionsPerReplica: number;
  /** Enough to bridge the pauses of a Redis that is held to a small share. */
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

/** Per cent of a cell's measured capacity at which its latency is taken. */
export const LATENCY_LOAD_PCT = 70;
/** The shares of critical operations among the requests to a hybrid arm, in the wall series. */
export const CRITICAL_FRACTIONS = [0.1, 0.5];

/** The replicas together get this much of what the generator's core leaves, so that generator and Redis find room. */
const SHARE_OF_REMAINING = 0.6;
const MAX_SHARE = 0.5;

/** @returns the fraction of a core for each replica, two digits */
export function replicaShare(cores: number, maxReplicas: number): number {
  const room = Math.max(0.5, cores - 1) * SHARE_OF_REMAINING;
  return Math.max(0.02, Math.floor(Math.min(MAX_SHARE, room / maxReplicas) * 100) / 100);
}

/** Redis spends about so much of what a replica spends on a session; half of the replicas are to fill it. */
const REDIS_PER_REPLICA = 0.06;
/** With a smaller share Redis' pauses are so long that they determine its batches, and so its costs. */
const LEAST_REDIS_SHARE = 0.02;

/** @returns the fraction of a core for Redis, or each node of it, that half of the replicas should fill; two digits */
export function wallShare(share: number, maxReplicas: number): number {
  const cores = REDIS_PER_REPLICA * share * Math.max(1, maxReplicas / 2);
  return Math.min(0.9, Math.max(LEAST_REDIS_SHARE, Math.round(cores * 100) / 100));
}

/** A few replicas get up to twice the window: a slice of a hundred requests is one collection of garbage more or less. */
const LONGEST_WINDOW = 2;

/** @returns ms */
export function windowFor(windowMs: number, replicas: number, most: number): number {
  return windowMs * Math.min(LONGEST_WINDOW, Math.sqrt(most / replicas));
}

/** Whole periods of the limit, at least one: a part of one would hold a turn of each replica, or none. @returns ms */
export function wholePeriods(ms: number, periodMs: number): number {
  return Math.max(1, Math.round(ms / periodMs)) * periodMs;
}

/** A fleet in addition to the arms' own, for the wall series alone. */
export interface Variant {
  readonly key: string;
  readonly arm: ArmInfo;
  readonly factors: Factors;
  readonly kind: 'no-autopipelining' | 'cluster';
  readonly replicas: number;
}

/** Without autopipelining Redis is full at one or two replicas already. */
const MOST_WITHOUT_AUTOPIPELINING = 4;

export interface VariantOptions {
  readonly most: number;
  /** Whether a cluster can be started beside the arm's own Redis, which is none. */
  readonly cluster: boolean;
}

/** What shows the client's and the cluster's part: on the plain session arm, which stands for both. */
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
 * Every cell once: lines in random order, and in each of them its numbers of replicas in random order, one right after the
 * other. A machine's speed drifts by tens of percent within seconds; over a line it is then nearly the same.
 */
export function blockOrder(cells: readonly ScaleCell[], random: Random): readonly ScaleCell[] {
  const lines = Map.groupBy(cells, ({ key, factors: { replicas: _, ...others } }) => JSON.stringify([key, others]));
  return random.shuffle([...lines.values()]).flatMap((line) => random.shuffle(line));
}

/** The fewest, the most and what stands between: powers of two, at most four in all; three are few enough already. */
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
  /** Null where no share can be given: then there is no wall to see. */
  readonly redisShare: number | null;
  /** The generator that gives a second opinion; none where it is left out. */
  readonly engine?: string | undefined;
}

/** Every cell of every series. An arm that needs sticky routing is only in `spread`: elsewhere it would be seen refusing. */
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
    // A proof is good for one request, and wrk repeats its own.
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
