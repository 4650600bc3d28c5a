/** Turns scale's slices into figures. Pure. */
import { unguardedNames } from '../../../core/results/arms.ts';
import type { Flag } from '../../../core/results/flags.ts';
import type { Figure, Slice } from '../../../core/results/schema.ts';
import { Cell } from '../../analysis/cell.ts';
import { WIDE } from '../../analysis/figure.ts';
import { throughput } from '../../analysis/quotients.ts';
import { seedsOf } from '../../analysis/seeds.ts';
import type { AnalysisContext } from '../../measuring/experiment.ts';
import { flagsOf, paired } from '../../measuring/slices.ts';
import { latencyOfScale } from './latency.ts';
import { modelFigures } from './models/models.ts';
import { isSecondOpinion, secondOpinionFigures } from './second-opinion.ts';

/** A larger relative difference between measured throughput and the limit of the CPU shares is flagged. */
const DISAGREEMENT = 0.15;

const OTHERS = [
  'cpu_us_per_request',
  'redis_cpu_us_per_request',
  'redis_utilisation',
  'generator_utilisation',
  // Of the balancer between generators and replicas, if there is one.
  'balancer_cpu_us_per_request',
  'balancer_utilisation',
  'replica_utilisation',
  // At 100 % Redis uses its whole share.
  'redis_share_utilisation',
] as const;

/** @param ones slices of the same arm and factors on one replica */
function cellFigures(cell: Cell, ones: readonly Slice[]): Figure[] {
  const rate = cell.estimateQuotient('throughput_rps');
  const allowed = cell.estimateQuotient('capacity_rps');
  if (rate === null) return [];
  // If Redis is limited on purpose, it sets the limit.
  const isHeldBack = cell.subject.factors.redis_share !== undefined;
  const disagrees = !isHeldBack && allowed !== null && Math.abs(rate.value / allowed.value - 1) > DISAGREEMENT;
  const flags: readonly Flag[] = disagrees ? [...cell.flags, 'capacity-disagrees'] : cell.flags;
  return [
    cell.figure('throughput_rps', rate, { flags, targetHalfWidth: WIDE.throughput }),
    ...(allowed === null ? [] : [cell.figure('capacity_rps', allowed, { flags })]),
    ...OTHERS.flatMap((metric) => cell.quotient(metric)),
    ...efficiency(cell, ones, flags),
  ];
}

/** X(N) / (N·X(1)) in the same blocks, so that the machine's drift cancels. */
function efficiency(cell: Cell, ones: readonly Slice[], flags: readonly Flag[]): Figure[] {
  const pairs = paired(cell.slices, ones).map((fork) =>
    fork.map(({ slice, baseline }) => ({
      value: throughput(slice) / Number(slice.factors.replicas),
      baseline: throughput(baseline),
    })),
  );
  const usable = pairs.flat().every(({ value, baseline }) => value > 0 && baseline > 0);
  const all = [...new Set([...flags, ...flagsOf(ones)])];
  return usable ? cell.compared('scaling_efficiency', 'ratio', pairs, { label: 'efficiency', flags: all }) : [];
}

/** Every pair of guarded arms at one number of replicas, in the same blocks; only fleets that are otherwise equal. */
function againstEachOther(closed: readonly Slice[], context: AnalysisContext): Figure[] {
  const unguarded = unguardedNames(context.arms);
  const plain = closed.filter(
    ({ arm, factors }) => arm !== null && !unguarded.includes(arm) && Object.keys(factors).join() === 'replicas',
  );
  return [...Map.groupBy(plain, ({ factors }) => Number(factors.replicas))]
    .sort(([a], [b]) => a - b)
    .flatMap(([replicas, level]) => {
      const arms = [...Map.groupBy(level, ({ arm }) => arm ?? '')].sort(([a], [b]) => (a < b ? -1 : 1));
      return arms.flatMap(([arm, own], index) =>
        arms.slice(index + 1).flatMap(([against, others]) => {
          const factors = { replicas };
          const seeds = seedsOf(context, `scale ${arm} against ${against} ${replicas}`);
          const cell = new Cell({ subject: { experiment: 'scale', arm, factors }, slices: own, seeds });
          const pairs = paired(own, others).map((fork) =>
            fork.map(({ slice, baseline }) => ({ value: throughput(slice), baseline: throughput(baseline) })),
          );
          const options = { factors: { against }, flags: flagsOf([...own, ...others]) };
          const isUsable = pairs.flat().every(({ value, baseline }) => value > 0 && baseline > 0);
          return [
            ...(isUsable ? cell.compared('throughput_ratio_to_arm', 'ratio', pairs, options) : []),
            ...cell.paired('total_cpu_ratio_to_arm', options, others),
          ];
        }),
      );
    });
}

/** Identifies cells of one arm that differ only in the number of replicas. */
function lineOf({ arm, factors }: Slice): string {
  const { replicas: _any, ...others } = factors;
  return JSON.stringify([arm, Object.entries(others).sort()]);
}

function analyseLine(line: readonly Slice[], context: AnalysisContext, isSpread: boolean): Figure[] {
  const ones = line.filter((slice) => slice.factors.replicas === 1);
  return [...Map.groupBy(line, (slice) => Number(slice.factors.replicas))]
    .sort(([a], [b]) => a - b)
    .flatMap(([, slices]) => {
      const { arm = null, factors = {} } = slices[0] ?? {};
      const cell = new Cell({
        subject: { experiment: 'scale', arm, factors },
        slices,
        seeds: seedsOf(context, `scale ${arm} ${JSON.stringify(factors)}`),
        // A slice without a CPU account or share was measured differently from the rest.
        incomplete: 'no-figure',
      });
      // All credentials are valid, so a refusal depends on the replica that got the request.
      return [...cellFigures(cell, ones), ...(isSpread ? cell.quotient('refused_pct', { flags: [] }) : [])];
    });
}

export function analyseScale(all: readonly Slice[], context: AnalysisContext): readonly Figure[] {
  const isClosed = (slice: Slice) => slice.mode === 'closed' && slice.durationMs > 0 && slice.requests > 0;
  const slices = all.filter((slice) => !isSecondOpinion(slice));
  const closed = slices.filter(isClosed);
  const spread = new Set(closed.filter(({ factors }) => factors.spreading !== undefined).map(({ arm }) => arm));
  const measured = [...Map.groupBy(closed, lineOf).values()].flatMap((line) =>
    analyseLine(line, context, spread.has(line[0]?.arm ?? null) && line[0]?.factors.redis_share === undefined),
  );
  return [
    ...measured,
    ...againstEachOther(closed, context),
    ...secondOpinionFigures(all.filter(isClosed), context),
    ...latencyOfScale(slices, context),
    ...modelFigures(slices, context),
  ];
}
