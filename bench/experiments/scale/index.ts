/**
 * How does throughput grow over 1..N replicas, and what stops it? Equal CPU shares; every N of every arm once per block,
 * those of an arm one after the other, since they are what is compared.
 */

import type { Slice, StoppedBy } from '../../../core/results/schema.ts';
import type { FleetSpec } from '../../fleet/fleet.ts';
import { armsByProfile, armsWhere, isReference, showsTheStore } from '../../measuring/arms.ts';
import type { Experiment, ExperimentContext } from '../../measuring/experiment.ts';
import { SOONER_OPTIMISED } from '../../processes/optimised.ts';
import { analyseScale } from './analyse.ts';
import { ScaleFork } from './fork.ts';
import {
  fewOf,
  replicaShare,
  SCALE_PLANS,
  type ScaleCell,
  type ScalePlan,
  scaleGrid,
  type Variant,
  variantsOf,
  wallShare,
} from './plan.ts';
import {
  canPrepare,
  preparingSeconds,
  type Reach,
  reachesOf,
  reachFor,
  roundSeconds,
  scheduleOf,
  startsOf,
} from './starts.ts';

export const SCALE = 'scale';

/** A start is begun where there is time for this part of its preparations. */
const NEARLY = 0.7;

interface Ready {
  readonly plan: ScalePlan;
  readonly grid: readonly ScaleCell[];
  readonly specs: readonly FleetSpec[];
  readonly share: number | null;
  readonly redisShare: number | null;
  readonly reach: Reach;
}

function replicasOf(group: readonly { readonly replicas: number }[]): number {
  return group.reduce((sum, { replicas }) => sum + replicas, 0);
}

function prepare(context: ExperimentContext): Ready {
  const { config, arms, cores, canLimitCpu } = context;
  const plan = SCALE_PLANS[config.profile];
  const canHoldRedis = canLimitCpu && context.ownsRedis && plan.series.includes('wall');
  // A whole run on clusters needs none beside.
  const cluster = config.redis !== 'cluster';
  const variantsAt = ({ replicas, withVariants }: Reach) =>
    canHoldRedis && withVariants ? variantsOf(arms, { most: Math.max(...replicas), cluster }) : [];
  const isAfforded = (reach: Reach) => {
    const most = Math.max(...reach.replicas);
    const fleets = [...arms.map(() => ({ replicas: most })), ...variantsAt(reach)];
    const { groups, passes } = startsOf(fleets, plan, context.secondsLeft(), cores);
    const largest = Math.max(...groups.map(replicasOf));
    return canPrepare(largest, context.secondsLeft() / (groups.length * passes), cores);
  };
  const reach = reachFor(reachesOf(config.replicas, plan.replicas), isAfforded);
  const { replicas } = reach;
  const most = Math.max(...replicas);
  const share = canLimitCpu ? replicaShare(cores, most) : null;
  const redisShare = canHoldRedis && share !== null ? wallShare(share, most) : null;
  const hasWall = redisShare !== null;
  const variants = variantsAt(reach);
  const grid = scaleGrid({ arms, variants, replicas, plan, redisShare: hasWall ? redisShare : null });
  const spread = Math.max(...fewOf(replicas).filter((count) => count <= 4 || count === Math.min(...replicas)));
  const spec = (key: string, arm: FleetSpec['arm'], count: number): FleetSpec => ({
    key,
    arm,
    replicas: count,
    replicaShare: share,
    redisShare: null,
    users: plan.users,
    program: { execArgv: SOONER_OPTIMISED },
    turns: 'warm',
  });
  const specs = [
    ...arms.map((arm) => spec(arm.name, arm, arm.needsStickyRouting ? spread : most)),
    ...variants.map((variant) => ({ ...spec(variant.key, variant.arm, variant.replicas), ...extrasOf(variant) })),
  ];
  return { plan, grid, specs, share, redisShare, reach };
}

function extrasOf({ kind }: Variant): Partial<FleetSpec> {
  return kind === 'cluster' ? { cluster: true } : { settings: { redisAutoPipelining: false } };
}

function tell(context: ExperimentContext, { plan, share, redisShare, grid, reach }: Ready): void {
  if (context.config.replicas === null && Math.max(...reach.replicas) < Math.max(...plan.replicas)) {
    context.note(
      `scale: at most ${Math.max(...reach.replicas)} replicas, since more would not be warm within the budget; give more --budget, or --replicas`,
    );
  }
  if (share !== null) context.note(`scale: each replica is held to ${share} of a core`);
  context.note(
    'scale: V8 was asked to optimise sooner, so that many replicas are warm in time: its costs are for comparing numbers of replicas; toll tells what a request costs',
  );
  const has = (series: ScaleCell['series']) => grid.some((cell) => cell.series === series);
  if (has('wall')) {
    context.note(
      `scale: where a figure has the factor redis_share, Redis (each node of a cluster) is held to ${redisShare} of a core, so that its limit is reached`,
    );
  }
  if (has('spread')) {
    context.note(
      'scale: which replica a request goes to is decided by the load generator; there is no balancer between',
    );
  }
  if (has('latency')) {
    context.note(
      'scale: latency holds the pauses of replicas that are held to a part of a core; compare it over replicas only',
    );
  }
}

/** The cell that a slice is of, where it is one of these. */
function cellsByName(grid: readonly ScaleCell[]): (slice: Pick<Slice, 'arm' | 'factors'>) => ScaleCell | undefined {
  const name = ({ arm, factors }: Pick<Slice, 'arm' | 'factors'>) =>
    JSON.stringify([arm, Object.entries(factors).sort(([a], [b]) => (a < b ? -1 : 1))]);
  const cells = new Map(grid.map((cell) => [name(cell), cell]));
  return (slice) => cells.get(name(slice));
}

const titleOf = ({ series, key }: ScaleCell) => `${series} of ${key}`;

async function run(context: ExperimentContext): Promise<StoppedBy> {
  const ready = prepare(context);
  const { plan, grid, specs, share, redisShare } = ready;
  tell(context, ready);
  const cellOf = cellsByName(grid);
  const cellsIn = (group: readonly FleetSpec[]) => grid.filter((cell) => group.some(({ key }) => key === cell.key));
  const startsBefore = Map.groupBy(context.prior, (slice) => cellOf(slice)?.key);
  const started = (key: string) => new Set(startsBefore.get(key)?.map(({ fork }) => fork)).size;
  const { groups, passes } = startsOf(specs, plan, context.secondsLeft(), context.cores);
  const starts = scheduleOf(groups, passes, context.random, (group) =>
    Math.min(...group.map(({ key }) => started(key))),
  );
  // Time is dealt out by what a start and one round of everything take: some fleets have many series, and some few.
  const preparing = (group: readonly FleetSpec[]) => preparingSeconds(replicasOf(group), context.cores);
  const wanted = starts.map((group) => preparing(group) + roundSeconds(plan, cellsIn(group)));
  const missing = new Set(grid.map(titleOf));
  for (const slice of context.prior) {
    const cell = cellOf(slice);
    if (cell) missing.delete(titleOf(cell));
  }
  let stoppedBy: StoppedBy = 'plan';
  for (const [i, group] of starts.entries()) {
    const start = context.secondsLeft();
    const seconds = (start * (wanted[i] ?? 0)) / wanted.slice(i).reduce((sum, one) => sum + one, 0);
    if (i > 0 && seconds < NEARLY * preparing(group)) {
      stoppedBy = 'budget';
      break;
    }
    const onSlice = (cell: ScaleCell) => missing.delete(titleOf(cell));
    const options = { context, plan, share, redisShare, seconds, grid: cellsIn(group), onSlice };
    await context.withFork(context.firstFork + i, group, (running) => new ScaleFork(options, running, start).measure());
    if (context.signal.aborted) return 'interrupted';
  }
  if (missing.size > 0)
    context.note(`scale: there was no time for ${[...missing].join(', ')}; give more --budget, or fewer --arms`);
  return stoppedBy;
}

export const scale: Experiment = {
  name: SCALE,
  question: 'How does throughput grow over 1 to N replicas, and what stops it?',
  inQuick: true,
  usesRedis: false,
  seconds: { quick: 28, full: 840 },
  defaultArms: armsByProfile({
    // An arm that is wrong on two replicas without sticky routing would only be measured refusing.
    quick: armsWhere((arm) => (arm.baseline || isReference(arm)) && !arm.needsStickyRouting),
    // The one that needs sticky routing shows what it does without.
    full: armsWhere((arm) => arm.baseline || showsTheStore(arm) || arm.needsStickyRouting),
  }),
  run,
  analyse: analyseScale,
};
