/** Gathers what the advice needs to know about each arm from a run. Pure. */

import { headlineOf } from '../model/demands.ts';
import type { ArmSummary } from '../results/arms.ts';
import type { Flag } from '../results/flags.ts';
import type { Metric } from '../results/metrics.ts';
import { otherArmOf } from '../results/other-arm.ts';
import { costRatios } from '../results/paired-ratios.ts';
import { isLoneSample } from '../results/sampled.ts';
import type { Factors, Figure, Run } from '../results/schema.ts';
import type { ArmEvidence, ArmFacts, Declared, PairEvidence, RunEvidence, Sourced } from './evidence.ts';

/** Flags of a latency that does not measure the server alone. */
const INVALIDATING_FLAGS: readonly Flag[] = [
  'machine-stalled',
  'cpu-stolen',
  'rate-missed',
  'sent-late',
  'generator-saturated',
  'balancer-saturated',
  'oversubscribed',
  'beyond-capacity',
];

export interface EvidenceOptions {
  /** Arms that exist, whether or not they were measured. */
  readonly known?: readonly ArmFacts[];
  readonly reference?: boolean;
}

const sourced = ({ experiment, metric, arm, factors, value, low, high, unit, flags }: Figure): Sourced => ({
  experiment,
  metric,
  arm: arm ?? '',
  factors,
  value,
  low,
  high,
  unit,
  flags,
});

const or = (figure: Figure | undefined): Sourced | null => (figure === undefined ? null : sourced(figure));

/** The step of a light read that verifies the copy sent by the client. */
const VERIFIES_COPY = 'session-copy-verify';

/** A denylist is not such a copy: every replica has the whole list. */
export function copiesIn({
  serverState,
  stores,
  variant,
  hotPath,
}: Pick<ArmSummary, 'serverState' | 'stores' | 'variant' | 'hotPath'>): ArmFacts['copiesIn'] {
  const keepsLogins = stores.includes('session') || stores.includes('opaque-token');
  if (!keepsLogins || !['redis', 'issuer'].includes(serverState)) return null;
  if (variant === 'edge') return 'edge';
  if (variant !== 'cached') return null;
  return hotPath?.includes(VERIFIES_COPY) ? 'client' : 'replica';
}

/** The facts about an arm, without its measurements. */
export function factsOf(arm: ArmSummary): ArmFacts {
  const { name, title, family, serverState, stores, variant, tokenAlgorithm, declares = null, remembers = null } = arm;
  const facts = { name, title, family, serverState, stores, variant, tokenAlgorithm };
  return { ...facts, copiesIn: copiesIn(arm), remembers, declares };
}

/** A run's figures by arm and metric, in the run's order, because they are looked up some thousand times. */
class Measured {
  readonly #byArm: ReadonlyMap<string | null, readonly Figure[]>;

  constructor(figures: readonly Figure[]) {
    this.#byArm = Map.groupBy(figures, ({ arm }) => arm);
  }

  of(arm: string): Own {
    return new Own(this.#byArm.get(arm) ?? []);
  }
}

/** Finds figures of one arm. */
class Own {
  readonly #byMetric: ReadonlyMap<string, readonly Figure[]>;

  constructor(figures: readonly Figure[]) {
    this.#byMetric = Map.groupBy(figures, ({ metric }) => metric);
  }

  all(experiment: string, metric: Metric, factors: Factors = {}): Figure[] {
    const wanted = Object.entries(factors);
    return (this.#byMetric.get(metric) ?? []).filter(
      (figure) => figure.experiment === experiment && wanted.every(([name, level]) => figure.factors[name] === level),
    );
  }

  headline(experiment: string, metric: Metric): Sourced | null {
    return or(headlineOf(this.all(experiment, metric)));
  }

  /**
   * The cost in `toll`; otherwise that of the smallest fleet in `scale`, which has a share of a core and a higher
   * cost per request.
   */
  cost(metric: Metric): Sourced | null {
    const plain = this.all('scale', metric).filter(({ factors }) => Object.keys(factors).length === 1);
    const replicas = ({ factors }: Figure) => Number(factors.replicas ?? Number.POSITIVE_INFINITY);
    const smallest = plain.toSorted((a, b) => replicas(a) - replicas(b))[0];
    return this.headline('toll', metric) ?? or(smallest);
  }

  extreme(found: readonly Figure[], pick: 'least' | 'most'): Sourced | null {
    const sign = pick === 'least' ? 1 : -1;
    return or(found.toSorted((a, b) => sign * (a.low - b.low))[0]);
  }
}

/** Bytes at the largest number of entries stored, as the store reports them. */
function storedBytes(own: Own): Record<string, Sourced> {
  const found: Record<string, Sourced> = {};
  const level = ({ factors }: Figure) => Number(factors.sessions ?? 0);
  const plain = own.all('store', 'bytes_per_session').filter(({ factors }) => factors.method === undefined);
  for (const figure of plain.toSorted((a, b) => level(a) - level(b)))
    found[String(figure.factors.kind)] = sourced(figure);
  return found;
}

/** Copies stored bytes from another arm with the same kind of state, if nothing else was measured. */
function withOthersBytes(arms: readonly ArmEvidence[]): ArmEvidence[] {
  const known = Object.assign({}, ...arms.map(({ storedBytes: bytes }) => bytes)) as Record<string, Sourced>;
  return arms.map((arm) => {
    const kinds = arm.stores.flatMap((kind) => {
      const bytes = arm.storedBytes[kind] ?? known[kind];
      return bytes === undefined ? [] : [[kind, bytes] as const];
    });
    return { ...arm, storedBytes: Object.fromEntries(kinds) };
  });
}

function latencies(own: Own): ArmEvidence['latencies'] {
  return own
    .all('latency', 'latency_us', { quantile: 'p99', timing: 'corrected' })
    .filter(({ flags, value }) => value > 0 && !flags.some((flag) => INVALIDATING_FLAGS.includes(flag)))
    .map((figure) => ({ loadPct: Number(figure.factors.load_pct), p99Us: sourced(figure) }))
    .filter(({ loadPct }) => loadPct > 0 && loadPct < 100)
    .toSorted((a, b) => a.loadPct - b.loadPct);
}

/** A fault of the store. When a replica is killed, others take over its load whatever the arm. */
const isOfStore = ({ factors }: Figure) =>
  factors.fault === undefined || /^(redis|companion)-/.test(String(factors.fault));

/**
 * The cost of the arm that differs only in having no cache: a scheme without variants, with the same tokens and no
 * state.
 */
function verifiedUs(arm: ArmSummary, { arms }: Pick<Run, 'arms'>, measured: Measured): Sourced | null {
  if (arm.remembers === undefined) return null;
  const same = arms.find(
    ({ role, family, serverState, variant, tokenAlgorithm }) =>
      role === 'guarded' &&
      family === arm.family &&
      serverState === arm.serverState &&
      variant === null &&
      tokenAlgorithm === arm.tokenAlgorithm,
  );
  return same === undefined ? null : measured.of(same.name).cost('cpu_us_per_request');
}

function evidenceOfArm(arm: ArmSummary, run: Run, measured: Measured, failed: ReadonlySet<string | null>): ArmEvidence {
  const own = measured.of(arm.name);
  const lag = (operation: string) =>
    own.extreme(
      own.all('revocation', 'revocation_lag_ms', { quantile: 'max', settings: 'deployed', operation }),
      'most',
    );
  const away = own.all('outage', 'outage_accepted_pct', { route: 'me' }).filter(isOfStore);
  const tuned = away.filter(({ factors }) => factors.redis_client === 'tuned');
  const [cookie] = own.all('browser', 'plain_client_works');
  const forged = own
    .all('browser', 'attack_succeeded', { origin: 'cross-site', csrf: 'off', storage: 'httponly-cookie' })
    .filter(({ factors }) => factors.attack === 'form-post');
  return {
    ...factsOf(arm),
    failedGate: failed.has(arm.name),
    cpuUs: own.cost('cpu_us_per_request'),
    redisCpuUs: own.cost('redis_cpu_us_per_request'),
    verifiedUs: verifiedUs(arm, run, measured),
    companionCpuUs: own.cost('companion_cpu_us_per_request'),
    toBaseline: own.headline('toll', 'total_cpu_ratio_to_baseline') ?? own.headline('toll', 'cpu_ratio_to_baseline'),
    redisCommands: own.headline('toll', 'redis_commands_per_request'),
    requestBytes: own.headline('toll', 'request_bytes'),
    responseBytes: own.headline('toll', 'response_bytes'),
    storedBytes: storedBytes(own),
    lagMs: { read: lag('read'), critical: lag('critical') },
    acceptedInOutagePct: own.extreme(tuned.length > 0 ? tuned : away, 'least'),
    failOpenPct: own.extreme(own.all('outage', 'fail_open_pct', { phase: 'during' }), 'most'),
    plainClient: or(cookie),
    acrossSites: own.extreme(
      own.all('browser', 'cross_origin_works', { origin: 'cross-site', cors: 'listed' }),
      'most',
    ),
    readByScript: own.extreme(own.all('browser', 'attack_succeeded', { attack: 'script-reads-storage' }), 'most'),
    forged: own.extreme(forged, 'most'),
    latencies: latencies(own),
  };
}

function pairsOf(
  { figures, arms }: Pick<Run, 'figures' | 'arms'>,
  names: readonly string[],
): { pairs: PairEvidence[]; includesRedis: boolean } {
  const costs = costRatios(figures, arms);
  if (costs === null) return { pairs: [], includesRedis: true };
  const pairs = names.flatMap((a, index) =>
    names.slice(index + 1).flatMap((b): PairEvidence[] => {
      const found = costs.between(a, b);
      if (found === null) return [];
      const { recorded, ratio, outcome } = found;
      // The arm and factors as recorded, so that a reader or a limit of `bench` finds the figure under its name.
      const isTurned = recorded.arm !== a;
      const turned = {
        less: 'more',
        more: 'less',
        'no difference': 'no difference',
        'one sample': 'one sample',
      } as const;
      return [
        {
          a: recorded.arm ?? '',
          b: otherArmOf(recorded),
          outcome: isTurned ? turned[outcome] : outcome,
          ratio: { ...sourced(recorded), flags: ratio.flags },
        },
      ];
    }),
  );
  return { pairs, includesRedis: costs.includesRedis };
}

function samePromises(a: Declared, b: Declared): boolean {
  return (Object.keys(a) as (keyof Declared)[]).every((promise) => a[promise] === b[promise]);
}

/** An older run does not record what the arm remembers, which has not changed since the arm was added. */
function withRemembered(arm: ArmSummary, known: readonly ArmFacts[]): ArmSummary {
  const remembers = arm.remembers ?? known.find(({ name }) => name === arm.name)?.remembers ?? null;
  return remembers === null ? arm : { ...arm, remembers };
}

export function evidenceOf(run: Run, { known = [], reference = false }: EvidenceOptions = {}): RunEvidence {
  const measured = new Measured(run.figures.filter((figure) => !isLoneSample(figure)));
  const failed = new Set(run.figures.filter(({ flags }) => flags.includes('gate-failed')).map(({ arm }) => arm));
  const guarded = run.arms.filter(({ role }) => role === 'guarded');
  const baseline = run.arms.find(({ role }) => role === 'baseline') ?? null;
  const names = guarded.map(({ name }) => name);
  const { pairs, includesRedis } = pairsOf(run, names);
  const { cpuModel, cores, gitCommit, node } = run.environment;
  return {
    runId: run.runId,
    startedAt: run.startedAt,
    machine: `${cores} cores, ${cpuModel}, Node ${node}`,
    commit: gitCommit,
    complete: run.complete && !run.interrupted,
    reference,
    experiments: run.experiments.map(({ name }) => name),
    baseline: baseline?.name ?? null,
    baselineCpuUs: baseline === null ? null : measured.of(baseline.name).cost('cpu_us_per_request'),
    arms: withOthersBytes(guarded.map((arm) => evidenceOfArm(withRemembered(arm, known), run, measured, failed))),
    pairs,
    ratiosIncludeRedis: includesRedis,
    changed: guarded
      .filter(({ name, declares }) => {
        const now = known.find((arm) => arm.name === name)?.declares ?? null;
        return declares !== undefined && now !== null && !samePromises(declares, now);
      })
      .map(({ name }) => name),
    others: known.filter(({ name }) => !names.includes(name) && name !== baseline?.name),
  };
}
