/** A run with round figures, so that results can be worked out by hand. */
import type { ArmSummary, Promises } from '../../results/arms.ts';
import { METRICS, type Metric } from '../../results/metrics.ts';
import { type Factors, type Figure, type Run, SCHEMA_VERSION } from '../../results/schema.ts';
import { armSummary } from '../../results/testing/arm-summary.ts';

/** Family, server state, CPU time of the server process and of Redis in µs, Redis commands, bytes of a request. */
export const KNOWN_ARMS = {
  none: ['none', 'none', 15, 0, 0, 60],
  'session-redis': ['session', 'redis', 59, 7, 1, 160],
  'session-redis-rolling': ['session', 'redis', 75, 12, 2, 160],
  'session-redis-lean': ['session', 'redis', 33, 8, 1, 160],
  'session-memory': ['session', 'process', 50, 0, 0, 160],
  'session-cached': ['session', 'redis', 26, 1, 0.1, 160],
  'session-sealed': ['session', 'none', 45, 0, 0, 460],
  'jwt-hs256': ['token', 'none', 36, 0, 0, 400],
  'jwt-hs256-lean': ['token', 'none', 20.5, 0, 0, 400],
  'jwt-rs256': ['token', 'none', 60, 0, 0, 700],
  'jwt-es256': ['token', 'none', 110, 0, 0, 445],
  'jwt-eddsa': ['token', 'none', 120, 0, 0, 445],
  'jwt-hs256-cached': ['token', 'none', 25, 0, 0, 400],
  'jwt-cookie': ['token', 'none', 40, 0, 0, 400],
  'jwt-denylist': ['token', 'redis', 50, 7, 1, 400],
  'jwt-denylist-open': ['token', 'redis', 50, 7, 1, 400],
  'jwt-refresh': ['token', 'redis', 38, 0, 0, 400],
  hybrid: ['combination', 'redis', 37, 0, 0, 420],
  dual: ['combination', 'redis', 34, 8, 1, 160],
  'opaque-introspection': ['token', 'issuer', 70, 5, 1, 120],
  'opaque-introspection-cached': ['token', 'issuer', 28, 0, 0, 120],
} as const;
export type KnownArm = keyof typeof KNOWN_ARMS;

/** CPU time of the authorization server in µs, for arms that have one. */
const ISSUER_US: Partial<Record<KnownArm, number>> = { 'opaque-introspection': 90, 'opaque-introspection-cached': 2 };

/** What those arms declare; the others' declarations come from the first runs. */
const ISSUED: Partial<ArmSummary> = {
  stores: ['opaque-token'],
  declares: {
    revokedWithinMs: 0,
    lifetimeMs: 900_000,
    rechecksCredential: false,
    survivesRedisOutage: false,
    needsStickyRouting: false,
    crossOrigin: true,
    needsCsrfProtection: false,
    readableByScript: true,
    refreshTokens: false,
  },
};
const CACHED: Partial<ArmSummary> = {
  ...ISSUED,
  variant: 'cached',
  declares: { ...(ISSUED.declares as Promises), revokedWithinMs: 10_000, rechecksCredential: true },
};
const ISSUED_FACTS: Partial<Record<KnownArm, Partial<ArmSummary>>> = {
  'opaque-introspection': ISSUED,
  'opaque-introspection-cached': CACHED,
};

/** The default arms of a run. */
export const USUAL_ARMS: readonly KnownArm[] = (Object.keys(KNOWN_ARMS) as KnownArm[]).filter(
  (arm) => !(arm in ISSUED_FACTS),
);

const RESPONSE_BYTES = 250;
const STORED = { session: 600, denylist: 150, 'refresh-family': 700, 'opaque-token': 300 } as const;

export interface KnownRunOptions {
  readonly arms?: readonly KnownArm[];
  /** Half the width of every interval, as a part of the value. */
  readonly spread?: number;
  readonly flags?: Figure['flags'];
  /** One block per figure, so that the spread is unknown. */
  readonly oneSample?: boolean;
  readonly experiments?: readonly string[];
  /** The share of requests that each arm accepted during each fault, in percent. */
  readonly accepted?: Partial<Record<KnownArm, Readonly<Record<string, number>>>>;
}

function summaryOf(arm: KnownArm): ArmSummary {
  const [family, serverState] = KNOWN_ARMS[arm];
  const role = arm === 'none' ? 'baseline' : 'guarded';
  return armSummary(arm, { family, serverState, role, ...ISSUED_FACTS[arm] });
}

/** Defaults: the usual arms, intervals of ± 1 %, and the experiments `toll` and `store`. */
export function knownRun({
  arms = USUAL_ARMS,
  spread = 0.01,
  flags = [],
  oneSample = false,
  experiments = ['toll', 'store'],
  accepted = {},
}: KnownRunOptions = {}): Run {
  const figure = (
    experiment: string,
    arm: string,
    metric: Metric,
    value: number,
    factors: Factors,
    width: number,
  ): Figure => ({
    experiment,
    arm,
    factors,
    metric,
    unit: METRICS[metric].unit,
    value,
    low: oneSample ? value : value * (1 - width),
    high: oneSample ? value : value * (1 + width),
    confidence: 0.95,
    blocks: oneSample ? 1 : 24,
    forks: oneSample ? 1 : 6,
    source: 'measured',
    flags: [...flags],
  });
  const total = (arm: KnownArm) => KNOWN_ARMS[arm][2] + KNOWN_ARMS[arm][3] + (ISSUER_US[arm] ?? 0);
  const toll = arms.flatMap((arm) => {
    const [, , cpu, redis, commands, bytes] = KNOWN_ARMS[arm];
    const beside = ISSUER_US[arm];
    return [
      ...(beside === undefined ? [] : [figure('toll', arm, 'companion_cpu_us_per_request', beside, {}, spread)]),
      figure('toll', arm, 'cpu_us_per_request', cpu, {}, spread),
      figure('toll', arm, 'redis_cpu_us_per_request', redis, {}, spread),
      figure('toll', arm, 'total_cpu_ratio_to_baseline', total(arm) / KNOWN_ARMS.none[2], {}, spread),
      figure('toll', arm, 'redis_commands_per_request', commands, {}, 0),
      figure('toll', arm, 'request_bytes', bytes, {}, 0),
      figure('toll', arm, 'response_bytes', RESPONSE_BYTES, {}, 0),
    ];
  });
  const guarded = arms.filter((arm) => arm !== 'none');
  const pairs = guarded.flatMap((a, index) =>
    guarded
      .slice(index + 1)
      .map((b) => figure('toll', a, 'total_cpu_ratio_to_arm', total(a) / total(b), { against: b }, spread)),
  );
  const stored = guarded.flatMap((arm) =>
    summaryOf(arm).stores.map((kind) =>
      figure('store', arm, 'bytes_per_session', STORED[kind as keyof typeof STORED], { kind, sessions: 1e5 }, 0),
    ),
  );
  const outages = Object.entries(accepted).flatMap(([arm, faults]) =>
    Object.entries(faults).map(([fault, pct]) =>
      figure('outage', arm, 'outage_accepted_pct', pct, { fault, route: 'me' }, 0),
    ),
  );
  const figures = [
    ...outages,
    ...(experiments.includes('toll') ? [...toll, ...pairs] : []),
    ...(experiments.includes('store') ? stored : []),
  ];
  return {
    schemaVersion: SCHEMA_VERSION,
    runId: 'known',
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:02:00.000Z',
    complete: true,
    interrupted: false,
    commandLine: 'npm run bench',
    config: {
      profile: 'quick',
      experiments: [...experiments],
      arms: null,
      replicas: null,
      budgetSeconds: null,
      seed: 1,
      aa: false,
      argon2: { memoryKiB: 1024, passes: 1, cheap: true },
    },
    environment: {
      cpuModel: 'a CPU',
      cores: 4,
      memoryBytes: 8e9,
      platform: 'linux',
      kernel: '6',
      node: 'v26.0.0',
      v8: '14',
      redis: '7.0',
      packages: {},
      gitCommit: 'abc',
      gitDirty: false,
      cpuShares: 'cgroup',
    },
    arms: arms.map(summaryOf),
    experiments: [],
    notes: [],
    flags: [...flags],
    damagedLines: [],
    figures,
  };
}
