/** The plan of `scale` within the budget: numbers of replicas, fleets, cells, and CPU limits. */
import type { FleetSpec } from '../../fleet/fleet.ts';
import { noteBalancer } from '../../measuring/balancer-note.ts';
import type { ExperimentContext } from '../../measuring/experiment.ts';
import { SOONER_OPTIMISED } from '../../processes/v8-flags.ts';
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
import { canPrepare, type Reach, reachesOf, reachFor, startsOf } from './starts.ts';

export interface Ready {
  readonly plan: ScalePlan;
  readonly grid: readonly ScaleCell[];
  readonly specs: readonly FleetSpec[];
  readonly share: number | null;
  readonly redisShare: number | null;
  readonly reach: Reach;
}

/** Replicas started together. */
export function replicasOf(group: readonly { readonly replicas: number }[]): number {
  return group.reduce((sum, { replicas }) => sum + replicas, 0);
}

/** Behind a balancer, clients cannot choose their replica. */
function planOf({ config, balancer }: ExperimentContext): ScalePlan {
  const plan = SCALE_PLANS[config.profile];
  if (balancer === undefined) return plan;
  return { ...plan, series: plan.series.filter((series) => series !== 'spread') };
}

/** Chooses the most informative reach that fits the budget and the machine. */
export function prepare(context: ExperimentContext): Ready {
  const { config, arms, cores, canLimitCpu } = context;
  const plan = planOf(context);
  const canHoldRedis = canLimitCpu && context.ownsRedis && plan.series.includes('wall');
  // A run on clusters needs no additional one.
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
  const grid = scaleGrid({
    arms,
    variants,
    replicas,
    plan,
    redisShare: hasWall ? redisShare : null,
    engine: config.engine,
  });
  const spread = Math.max(...fewOf(replicas).filter((count) => count <= 4 || count === Math.min(...replicas)));
  const spec = (key: string, arm: FleetSpec['arm'], count: number): FleetSpec => ({
    key,
    arm,
    replicas: count,
    replicaShare: share,
    users: plan.users,
    program: { execArgv: SOONER_OPTIMISED },
    cpuPeriod: 'warm',
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

/** Adds notes that a reader needs to judge the figures. */
export function noteConditions(context: ExperimentContext, { plan, share, redisShare, grid, reach }: Ready): void {
  if (context.config.replicas === null && Math.max(...reach.replicas) < Math.max(...plan.replicas)) {
    context.note(
      `scale: at most ${Math.max(...reach.replicas)} replicas, because more could not be warmed up within the budget; raise --budget, or set --replicas`,
    );
  }
  if (share !== null) context.note(`scale: each replica is limited to ${share} of a core`);
  context.note(
    'scale: V8 was set to optimise sooner, so that many replicas warm up in time; use these costs only to compare numbers of replicas, and toll for the cost of a request',
  );
  const has = (series: ScaleCell['series']) => grid.some((cell) => cell.series === series);
  if (has('wall')) {
    context.note(
      `scale: for figures with the factor redis_share, Redis (each node of a cluster) is limited to ${redisShare} of a core, so that the load reaches its limit`,
    );
  }
  noteBalancer('scale', context);
  if (has('spread')) {
    context.note('scale: the load generator chooses the replica of each request; there is no load balancer');
  }
  if (has('engines')) {
    context.note(
      'scale: figures with the factor engine alternate between our own generator and wrk; wrk counts every response below status 400, compares no bodies, checks no certificates, and its time includes connecting',
    );
    const proofs = context.arms.filter(({ senderConstrained }) => senderConstrained === true).map(({ name }) => name);
    if (proofs.length > 0) context.note(`scale: ${proofs.join(', ')} not with wrk, which repeats one proof`);
  }
  if (has('latency')) {
    context.note(
      'scale: latencies include the pauses that a CPU limit imposes on replicas; compare them across numbers of replicas only',
    );
  }
}
