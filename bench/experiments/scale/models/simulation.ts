/** The simulated fleet, compared with the exact solution, and the percentiles that only it can give. Pure. */
import { batchRate } from '../../../../core/model/batch-cost.ts';
import { fleetBound, solveFleet } from '../../../../core/model/fleet-model.ts';
import { type FleetNetwork, type Load, simulate } from '../../../../core/model/simulation.ts';
import type { Figure } from '../../../../core/results/schema.ts';
import { estimate } from '../../../../core/stats/estimate.ts';
import { split, totals } from '../series.ts';
import { demandsOf, hasAccounts, settingOf } from './queue.ts';
import type { SeriesModel } from './resample.ts';

const SEEDS = 4;
const REQUESTS = 4_000;
/** The load for latency, in percent of capacity. */
const LOAD_PCT = 70;
const QUANTILES = [
  ['p50', 0.5],
  ['p99', 0.99],
] as const;

/** Figures for the largest fleet of a series, with the demands of the queueing network. */
export function simulationFigures(model: SeriesModel): Figure[] {
  const { series } = model;
  const { fit, held } = split(series.replicas);
  const replicas = Math.max(...series.replicas);
  // The simulation has only one Redis.
  if (held.length === 0 || !hasAccounts(series) || settingOf(series, 1).redisNodes > 1) return [];
  const demands = demandsOf(series, totals(series), fit);
  const setting = settingOf(series, replicas);
  const fleet: FleetNetwork = {
    replicas,
    replicaDemand: demands.replicaCpuUs / 1e6 / setting.replicaCores,
    discipline: 'fifo',
    redisRate: demands.redis === null ? null : batchRate(demands.redis, setting.redisCores),
    redisRtt: setting.redisRttMs / 1000,
    service: 'exponential',
  };
  const run = (load: Load, label: string) =>
    Array.from({ length: SEEDS }, (_, i) =>
      simulate(fleet, load, { seed: model.seed(`${label} ${i}`), requests: REQUESTS }),
    );
  const exact = solveFleet(demands, setting).throughput;
  const { users, routing } = setting;
  const think = demands.generatorCpuUs / 1e6;
  const gaps = run({ kind: 'closed', users, think, routing }, 'closed').map(
    ({ throughput }) => 100 * (throughput / exact - 1),
  );
  const arrivalRate = (fleetBound(demands, setting).throughput * LOAD_PCT) / 100;
  const open = run({ kind: 'open', arrivalRate }, 'open');
  const mean = (values: readonly number[], label: string) =>
    estimate(
      values.map((value) => [value]),
      { statistic: 'mean', seed: model.seed(label) },
    );
  return [
    ...model.figure('simulation_gap_pct', mean(gaps, 'gap'), { replicas }),
    ...QUANTILES.flatMap(([quantile, q]) => {
      const latencies = open.map((simulated) => simulated.quantile(q) * 1e6);
      return model.figure('model_latency_us', mean(latencies, quantile), { replicas, load_pct: LOAD_PCT, quantile });
    }),
  ];
}
