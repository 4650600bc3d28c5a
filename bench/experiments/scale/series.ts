/**
 * The slices of `scale` in the form that models use: one series per arm and setting, by number of replicas, block by
 * block. Pure.
 */
import type { Flag } from '../../../core/results/flags.ts';
import type { Factors, Slice } from '../../../core/results/schema.ts';
import { answered, quantityOf } from '../../analysis/quotients.ts';
import { flagsOf, measure } from '../../measuring/slices.ts';

/** The sums of one slice, which is the unit of the bootstrap. */
export const COLUMNS = ['answered', 'requests', 'seconds', 'replicaUs', 'redisUs', 'generatorUs'] as const;
export type Column = (typeof COLUMNS)[number];
export type Sums = Readonly<Record<Column, number>>;

export interface Series {
  readonly arm: string;
  /** The factors of its slices, except the number of replicas. */
  readonly factors: Factors;
  /** Rising. */
  readonly replicas: readonly number[];
  /** `[fork][block]`, each with the sums for every number of replicas; incomplete blocks are omitted. */
  readonly forks: readonly (readonly ReadonlyMap<number, Sums>[])[];
  /** Connections per replica, or null if the slices do not record it. */
  readonly usersPerReplica: number | null;
  /** Cores of each replica; null if they ran without limits. */
  readonly replicaCores: number | null;
  /** Every flag of its slices. */
  readonly flags: readonly Flag[];
}

const seriesKey = ({ arm, factors }: Slice) => {
  const { replicas: _, ...others } = factors;
  return JSON.stringify([arm, Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1))]);
};

function sumsOf(slices: readonly Slice[]): Sums {
  const sum = (of: (slice: Slice) => number) => slices.reduce((total, slice) => total + of(slice), 0);
  return {
    answered: sum(answered),
    requests: sum(({ requests }) => requests),
    seconds: sum(({ durationMs }) => durationMs / 1000),
    replicaUs: sum((slice) => measure(slice, 'replica_cpu_ns') / 1000),
    redisUs: sum((slice) => quantityOf(slice, 'asked_redis_cpu_ns') / 1000),
    generatorUs: sum((slice) => measure(slice, 'generator_cpu_ns') / 1000),
  };
}

/** Bootstrap units, each with all numbers of replicas: blocks; if no block has all, forks; otherwise everything. */
function unitsOf(slices: readonly Slice[], replicas: readonly number[]): Series['forks'] {
  const whole = (units: readonly (readonly Slice[])[]) =>
    units.flatMap((unit) => {
      const byReplicas = Map.groupBy(unit, ({ factors }) => Number(factors.replicas));
      if (replicas.some((n) => !byReplicas.has(n))) return [];
      return [new Map([...byReplicas].map(([n, own]) => [n, sumsOf(own)]))];
    });
  const forks = [...Map.groupBy(slices, ({ fork }) => fork).values()];
  const blocks = forks
    .map((fork) => whole([...Map.groupBy(fork, ({ block }) => block).values()]))
    .filter((units) => units.length > 0);
  if (blocks.length > 0) return blocks;
  const wholeForks = forks.map((fork) => whole([fork])).filter((units) => units.length > 0);
  return wholeForks.length > 0 ? wholeForks : [whole([slices])];
}

/** Closed-loop slices with responses; the others show no throughput at saturation. */
export function seriesOf(slices: readonly Slice[]): readonly Series[] {
  const usable = slices.filter(
    (slice) =>
      slice.mode === 'closed' &&
      slice.durationMs > 0 &&
      answered(slice) > 0 &&
      slice.arm !== null &&
      Number(slice.factors.replicas) > 0,
  );
  return [...Map.groupBy(usable, seriesKey).values()].flatMap((own) => {
    const first = own[0];
    if (first === undefined || first.arm === null) return [];
    const { replicas: _, ...factors } = first.factors;
    const replicas = [...new Set(own.map((slice) => Number(slice.factors.replicas)))].sort((a, b) => a - b);
    const cores = measure(first, 'replica_share_cores');
    const connections = measure(first, 'connections') / Number(first.factors.replicas);
    return [
      {
        arm: first.arm,
        factors,
        replicas,
        forks: unitsOf(own, replicas),
        usersPerReplica: Number.isFinite(connections) ? connections : null,
        replicaCores: Number.isFinite(cores) ? cores : null,
        flags: flagsOf(own),
      },
    ];
  });
}

/**
 * Splits numbers of replicas into those a model is fitted on and those it is judged on: the largest third, at least
 * one.
 */
export function split(replicas: readonly number[]): {
  readonly fit: readonly number[];
  readonly held: readonly number[];
} {
  if (replicas.length < 2) return { fit: replicas, held: [] };
  const held = Math.max(1, Math.floor(replicas.length / 3));
  return { fit: replicas.slice(0, -held), held: replicas.slice(-held) };
}

/** Columns for the bootstrap: six for each number of replicas, in the order of `COLUMNS`. */
export function columnsOf({ forks, replicas }: Series): number[][][] {
  return replicas.flatMap((n) =>
    COLUMNS.map((column) => forks.map((blocks) => blocks.map((block) => block.get(n)?.[column] ?? Number.NaN))),
  );
}

/** @param sums of each column, in the order of `columnsOf` @returns them by number of replicas */
export function sumsByReplicas(sums: ArrayLike<number>, replicas: readonly number[]): ReadonlyMap<number, Sums> {
  return new Map(
    replicas.map((n, index) => {
      const of = (column: Column) => sums[index * COLUMNS.length + COLUMNS.indexOf(column)] ?? Number.NaN;
      return [
        n,
        {
          answered: of('answered'),
          requests: of('requests'),
          seconds: of('seconds'),
          replicaUs: of('replicaUs'),
          redisUs: of('redisUs'),
          generatorUs: of('generatorUs'),
        },
      ];
    }),
  );
}

/** The sums of all blocks, by number of replicas. */
export function totals(series: Series): ReadonlyMap<number, Sums> {
  const sums = columnsOf(series).map((column) => column.flat().reduce((sum, value) => sum + value, 0));
  return sumsByReplicas(sums, series.replicas);
}
