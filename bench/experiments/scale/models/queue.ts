/**
 * The queueing network of `scale`: throughput from the cost of a request at each station, fitted on some numbers of
 * replicas and judged on others; and the point where Redis saturates. Pure.
 */
import { fitBatchCost, fullRate } from '../../../../core/model/batch-cost.ts';
import { type FleetDemands, type FleetSetting, fleetBound, solveFleet } from '../../../../core/model/fleet-model.ts';
import type { Figure } from '../../../../core/results/schema.ts';
import { type Series, type Sums, split, totals } from '../series.ts';
import { errorPct, type SeriesModel, throughputOf } from './resample.ts';

/** Assumed if slices do not record their connections. It hardly matters while replicas are always busy. */
const USERS_PER_REPLICA = 20;
const CLUSTER_NODES = 3;
/** Loopback: the round trip of a request and its reply, in ms. */
const LOOPBACK_RTT_MS = 0.05;
/** Redis counts as saturated at this part of its share: the rest is lost in the pauses of the CPU limit. */
const WALL_UTILISATION = 0.9;
/** Bounds are also reported for these multiples of the largest measured number of replicas. */
const EXTRAPOLATE = [2, 4, 8];

type SumsByReplicas = ReadonlyMap<number, Sums>;

/** @param cores of each replica: its CPU limit, or one */
export function settingOf(series: Series, replicas: number): FleetSetting {
  const { factors, usersPerReplica, replicaCores } = series;
  return {
    replicas,
    replicaCores: replicaCores ?? 1,
    redisCores: redisCores(series),
    redisNodes: redisNodes(series),
    users: Math.max(1, Math.round((usersPerReplica ?? USERS_PER_REPLICA) * replicas)),
    redisRttMs: LOOPBACK_RTT_MS,
    routing: factors.spreading === 'request' ? 'random' : 'bound',
  };
}

function redisCores({ factors }: Series): number {
  const share = Number(factors.redis_share);
  return share > 0 ? Math.min(1, share) : 1;
}

const redisNodes = ({ factors }: Series) => (factors.redis === 'cluster' ? CLUSTER_NODES : 1);

/** CPU time of Redis relative to its share, 0 to 1. */
function redisUtilisation(series: Series, { redisUs, seconds }: Sums): number {
  return redisUs / 1e6 / seconds / redisCores(series) / redisNodes(series);
}

/** The cost of a request, from these numbers of replicas. */
export function demandsOf(series: Series, sums: SumsByReplicas, from: readonly number[]): FleetDemands {
  const used = from.flatMap((n) => sums.get(n) ?? []);
  const requests = used.reduce((sum, one) => sum + one.requests, 0);
  const per = (column: 'replicaUs' | 'generatorUs') => used.reduce((sum, one) => sum + one[column], 0) / requests;
  const samples = used.map((one) => ({
    utilisation: redisUtilisation(series, one),
    cpuUsPerRequest: one.redisUs / one.requests,
  }));
  return { replicaCpuUs: per('replicaUs'), generatorCpuUs: per('generatorUs'), redis: fitBatchCost(samples) };
}

/** Whether every CPU account was read: without that of Redis, its limit cannot be predicted. */
export function hasAccounts({ forks }: Series): boolean {
  return forks
    .flat()
    .flatMap((block) => [...block.values()])
    .every(({ replicaUs, redisUs, generatorUs }) => replicaUs > 0 && redisUs >= 0 && generatorUs >= 0);
}

export function queueFigures(model: SeriesModel): Figure[] {
  const { series } = model;
  const { fit, held } = split(series.replicas);
  if (held.length === 0 || !hasAccounts(series)) return [];
  const solve = (n: number) => (sums: SumsByReplicas) => {
    const demands = demandsOf(series, sums, fit);
    return model.once(`network ${n} ${JSON.stringify(demands)}`, () => {
      return solveFleet(demands, settingOf(series, n)).throughput;
    });
  };
  const bound = (n: number) => (sums: SumsByReplicas) =>
    fleetBound(demandsOf(series, sums, fit), settingOf(series, n)).throughput;
  const most = Math.max(...series.replicas);
  const far = EXTRAPOLATE.map((times) => times * most);
  const error = (n: number, predict: typeof solve) => (sums: SumsByReplicas) =>
    errorPct(predict(n)(sums), throughputOf(sums, n));
  // Replicas without limits shared the machine's cores; the model then predicts for one core each.
  const judged = series.replicaCores === null ? [] : held;
  return [
    ...series.replicas.flatMap((n) =>
      model.figure('model_throughput_rps', model.estimate(solve(n), 'positive'), {
        model: 'mva',
        replicas: n,
      }),
    ),
    ...far.flatMap((n) =>
      model.figure('model_throughput_rps', model.estimate(bound(n), 'positive'), {
        model: 'bounds',
        replicas: n,
      }),
    ),
    ...judged.flatMap((n) => [
      ...model.figure('prediction_error_pct', model.estimate(error(n, solve), 'any'), {
        model: 'mva',
        replicas: n,
      }),
      ...model.figure('prediction_error_pct', model.estimate(error(n, bound), 'any'), {
        model: 'bounds',
        replicas: n,
      }),
    ]),
    ...wallFigures(model, fit),
  ];
}

/** Predicted from numbers of replicas that do not saturate Redis; measured where Redis was saturated. */
function wallFigures(model: SeriesModel, fit: readonly number[]): Figure[] {
  const { series } = model;
  // Which numbers of replicas saturate Redis is decided once, from all data, so that resamples are comparable.
  const all = totals(series);
  const utilisation = (n: number) => {
    const sums = all.get(n);
    return sums === undefined ? 0 : redisUtilisation(series, sums);
  };
  const below = fit.filter((n) => utilisation(n) > 0 && utilisation(n) < WALL_UTILISATION);
  const fullest = series.replicas.toSorted((a, b) => utilisation(b) - utilisation(a))[0] ?? 0;
  const seen = utilisation(fullest) >= WALL_UTILISATION ? fullest : null;
  const [cores, nodes] = [redisCores(series), redisNodes(series)];
  const predicted = (sums: SumsByReplicas) => {
    const { redis } = demandsOf(series, sums, below);
    return redis === null ? Number.NaN : fullRate(redis, cores) * nodes;
  };
  const measured = (sums: SumsByReplicas) => (seen === null ? Number.NaN : throughputOf(sums, seen));
  // Counted in replicas with the same CPU limit as Redis, the number depends on the arm alone, not on the limits
  // here.
  const replicas = (sums: SumsByReplicas) =>
    (predicted(sums) * demandsOf(series, sums, below).replicaCpuUs) / 1e6 / cores;
  const at = seen === null ? {} : { replicas: seen };
  return [
    ...(below.length === 0
      ? []
      : [
          ...model.figure('redis_wall_rps', model.estimate(predicted, 'positive')),
          ...model.figure('redis_wall_replicas', model.estimate(replicas, 'positive')),
        ]),
    ...(seen === null ? [] : model.figure('redis_wall_rps', model.estimate(measured, 'positive'), at, 'measured')),
    ...(seen === null || below.length === 0
      ? []
      : model.figure(
          'prediction_error_pct',
          model.estimate((sums) => errorPct(predicted(sums), measured(sums)), 'any'),
          { model: 'wall', ...at },
        )),
  ];
}
