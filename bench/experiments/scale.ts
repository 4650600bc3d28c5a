/** How does throughput grow over 1..N replicas, and what stops it? Equal CPU shares, every N of every arm once per block, random order. */
import type { FleetSpec } from '../fleet/fleet.ts';
import type { StoppedBy } from '../results/schema.ts';
import { fewArms } from './arms.ts';
import type { Experiment, ExperimentContext, Profile } from './experiment.ts';
import { analyseScale } from './scale-analysis.ts';
import { ScaleFork } from './scale-fork.ts';
import {
  affordableReplicas,
  fewOf,
  type Reach,
  reachesOf,
  reachFor,
  replicaShare,
  SCALE_PLANS,
  type ScaleCell,
  type ScalePlan,
  scaleGrid,
  type Variant,
  variantsOf,
  wallShare,
} from './scale-plan.ts';

export const SCALE = 'scale';

/** A fork that the plan asks for is begun where this part of the last one's time is left: it measures that much less. */
const NEARLY = 0.7;

/** One of each kind; the one that needs sticky routing shows what it does without. */
const FULL_ARMS = ['none', 'session-redis', 'session-memory', 'session-cached', 'jwt-hs256', 'jwt-denylist', 'hybrid'];

interface Ready {
  readonly plan: ScalePlan;
  readonly grid: readonly ScaleCell[];
  readonly specs: readonly FleetSpec[];
  readonly share: number | null;
  readonly redisShare: number | null;
  readonly reach: Reach;
}

function prepare(context: ExperimentContext): Ready {
  const { config, arms, cores, canLimitCpu } = context;
  const plan = SCALE_PLANS[config.profile];
  const canHoldRedis = canLimitCpu && context.ownsRedis && plan.series.includes('wall');
  // A whole run on clusters needs none beside.
  const cluster = config.redis !== 'cluster';
  const variantsAt = ({ replicas, withVariants }: Reach) =>
    canHoldRedis && withVariants ? variantsOf(arms, { most: Math.max(...replicas), cluster }) : [];
  const cost = (reach: Reach) =>
    arms.length * Math.max(...reach.replicas) + variantsAt(reach).reduce((sum, variant) => sum + variant.replicas, 0);
  const reach = reachFor(
    reachesOf(config.replicas, plan.replicas),
    cost,
    affordableReplicas(context.secondsLeft() / plan.minForks, cores),
  );
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

async function run(context: ExperimentContext): Promise<StoppedBy> {
  const ready = prepare(context);
  const { plan, grid, specs, share, redisShare } = ready;
  tell(context, ready);
  let done = new Set(context.prior.map(({ fork }) => fork)).size;
  for (let fork = context.firstFork; ; fork++) {
    const start = context.secondsLeft();
    const seconds = start / Math.max(1, plan.minForks - done);
    const options = { context, plan, grid, share, redisShare, seconds };
    await context.withFork(fork, specs, (running) => new ScaleFork(options, running, start).measure());
    if (context.signal.aborted) return 'interrupted';
    done++;
    const left = context.secondsLeft();
    if (done >= plan.maxForks) return 'plan';
    if (left < (done < plan.minForks ? NEARLY : 1) * (start - left)) return done < plan.minForks ? 'budget' : 'plan';
  }
}

export const scale: Experiment = {
  name: SCALE,
  question: 'How does throughput grow over 1 to N replicas, and what stops it?',
  inQuick: true,
  usesRedis: false,
  seconds: { quick: 25, full: 540 },
  defaultArms: (all, profile: Profile) =>
    profile === 'full'
      ? all.filter(({ name }) => FULL_ARMS.includes(name)).map(({ name }) => name)
      : // An arm that is wrong on two replicas without sticky routing would only be measured refusing.
        fewArms(
          all.filter((arm) => !arm.needsStickyRouting),
          profile,
        ),
  run,
  analyse: analyseScale,
};
