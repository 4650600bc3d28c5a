/**
 * Extrapolates to loads that no small machine can handle: the resources that each arm would need, from the measured
 * cost of one request and one session, with the interval of the costs. Pure.
 */

import { capacityOf, compareArms } from '../../../core/model/capacity.ts';
import { cheapestOf, demandsOf, type MeasuredDemands } from '../../../core/model/demands.ts';
import { USUAL } from '../../../core/model/usual.ts';
import type { ArmSummary } from '../../../core/results/arms.ts';
import type { Metric } from '../../../core/results/metrics.ts';
import { type CostRatios, costRatios } from '../../../core/results/paired-ratios.ts';
import type { Figure } from '../../../core/results/schema.ts';
import type { Interval } from '../../../core/stats/interval.ts';
import { figure } from '../../analysis/figure.ts';

/** Loads from a busy site to the largest that exist. */
const LOADS = [
  { requestsPerSecond: 10_000, liveSessions: 1_000_000 },
  { requestsPerSecond: 100_000, liveSessions: 10_000_000 },
  { requestsPerSecond: 1_000_000, liveSessions: 50_000_000 },
  { requestsPerSecond: 10_000_000, liveSessions: 50_000_000 },
] as const;

interface Costs extends MeasuredDemands {
  readonly arm: ArmSummary;
}

/** @param figures of all experiments of a run @returns figures of `scale` with `source: 'model'` */
export function beyondFigures(figures: readonly Figure[], arms: readonly ArmSummary[]): Figure[] {
  const costs = arms.flatMap((arm): Costs[] => {
    const found = demandsOf(figures, arm);
    return found === null ? [] : [{ arm, ...found }];
  });
  const token = cheapestOf(costs.filter(({ arm }) => arm.family === 'token'));
  const ratios = costRatios(figures, arms);
  return costs.flatMap((cost) => [...needs(cost), ...againstToken(cost, token, ratios)]);
}

/** Flags about the machine are on the CPU time of a replica, so Redis's CPU time has the flags of both. */
function needs(cost: Costs): Figure[] {
  return LOADS.flatMap((load) => {
    const needed = capacityOf({ ...load, ...USUAL }, cost.demands);
    const usesRedis = needed.oneRedisRps !== null;
    const at = { requests_per_second: load.requestsPerSecond };
    const withSessions = { ...at, live_sessions: load.liveSessions };
    const { replicaCpuUs, wireBytes, sessionBytes } = cost.figures;
    const cpuUs = [...replicaCpuUs, ...cost.figures.redisCpuUs];
    return [
      made(cost, 'needed_replicas', needed.replicas, at, replicaCpuUs),
      ...(needed.wireBytesPerSecond === null
        ? []
        : [made(cost, 'wire_bytes_per_second', needed.wireBytesPerSecond, at, wireBytes)]),
      ...(usesRedis
        ? [
            made(cost, 'needed_redis_cores', needed.redisCores, at, cpuUs),
            made(cost, 'needed_redis_nodes', needed.redisNodes, withSessions, [...cpuUs, ...sessionBytes]),
            ...(needed.redisBytes === null
              ? []
              : [made(cost, 'needed_redis_bytes', needed.redisBytes, withSessions, sessionBytes)]),
          ]
        : []),
      ...(needed.oneRedisRps === null || load !== LOADS[0]
        ? []
        : [made(cost, 'one_redis_rps', needed.oneRedisRps, {}, cpuUs)]),
    ];
  });
}

/**
 * The load at which an arm that costs more than the cheapest token needs a whole core more; a cheaper arm never does.
 *
 * @param ratios of totals, which decide where the two were compared in the same blocks
 */
function againstToken(cost: Costs, token: Costs | null, ratios: CostRatios | null): Figure[] {
  if (token === null || token.arm.name === cost.arm.name || cost.arm.role === 'baseline') return [];
  // Both costs are those of the toll, whose blocks the ratios are from.
  const isOfToll = cost.from === 'toll' && token.from === 'toll' && ratios?.includesRedis === true;
  const pair = isOfToll ? ratios.between(cost.arm.name, token.arm.name) : null;
  const paired = pair && { ratio: pair.ratio, differ: pair.outcome === 'less' || pair.outcome === 'more' };
  const { costs, wholeCoreFromRps } = compareArms(cost.demands, token.demands, USUAL.utilisation, paired);
  if (costs !== 'more' || wholeCoreFromRps === null) return [];
  const both = [cost, token].flatMap(({ figures }) => [...figures.replicaCpuUs, ...figures.redisCpuUs]);
  if (pair !== null) both.push(pair.ratio);
  return [made(cost, 'core_over_token_rps', wholeCoreFromRps, { against: token.arm.name }, both)];
}

/** @param from the source figures, whose flags it inherits */
function made(
  cost: Costs,
  metric: Metric,
  range: Interval,
  factors: Figure['factors'],
  from: readonly Figure[],
): Figure {
  const { source, arm } = cost;
  const estimate = { ...range, confidence: source.confidence, blocks: source.blocks, forks: source.forks };
  const subject = {
    experiment: 'scale',
    arm: arm.name,
    factors: { ...factors, utilisation_pct: 100 * USUAL.utilisation },
  };
  return figure(subject, metric, estimate, { source: 'model', flags: from.flatMap(({ flags }) => flags) });
}
