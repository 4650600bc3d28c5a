/** A hand-made run for tests of the report: every kind of figure, several flags, and malicious strings. */

import type { ArmSummary } from '../../core/results/arms.ts';
import type { Flag } from '../../core/results/flags.ts';
import type { Metric } from '../../core/results/metrics.ts';
import { type Factors, type Figure, type Run, SCHEMA_VERSION } from '../../core/results/schema.ts';
import { armSummary } from '../../core/results/testing/arm-summary.ts';
import { chainRows } from './chain-rows.ts';
import { layersRows, lifecycleRows, payloadRows } from './cost-rows.ts';
import { figure } from './figure.ts';
import { hotPathRows, profileRows } from './hot-path-rows.ts';
import { distanceRows, storeRows } from './reach-rows.ts';
import { outageRows, outageTimelines, revocationRows } from './sample-faults.ts';
import { modelRows, spreadingRows, wallRows } from './scale-rows.ts';

/** Text in an arm's title and in the command line; no report may let it through unescaped. */
export const HOSTILE = `<script>alert("x")</script>'&`;

/** name, family, server state, CPU, Redis CPU, Redis commands, bytes in, bytes out. */
const ARMS = [
  ['none', 'none', 'none', 33.1, 0, 0, 62, 254],
  ['none-aa', 'none', 'none', 33.2, 0, 0, 62, 254],
  ['session-redis', 'session', 'redis', 96.4, 6.9, 1, 161, 254],
  ['session-redis-rolling', 'session', 'redis', 131.2, 14.8, 2, 161, 381],
  ['session-redis-lean', 'session', 'redis', 55.1, 6.8, 1, 161, 254],
  ['session-memory', 'session', 'process', 71.3, 0, 0, 161, 254],
  ['jwt-hs256', 'token', 'none', 54.8, 0, 0, 402, 254],
  ['jwt-hs256-cached', 'token', 'process', 41.2, 0, 0, 402, 254],
  ['jwt-rs256', 'token', 'none', 84.7, 0, 0, 701, 254],
  ['jwt-es256', 'token', 'none', 139.6, 0, 0, 445, 254],
  ['jwt-eddsa', 'token', 'none', 157.3, 0, 0, 445, 254],
] as const;

function tollRows(): Figure[] {
  return ARMS.flatMap(([arm, , , cpu, redis, commands, bytesIn, bytesOut]) => {
    const flags: Flag[] = arm === 'jwt-es256' ? ['interval-wide'] : [];
    const spread = arm === 'jwt-es256' ? 0.06 : 0.01;
    const rows = [
      figure(arm, 'cpu_us_per_request', cpu, { spread, flags }),
      figure(arm, 'redis_cpu_us_per_request', redis, { spread: 0.03 }),
      figure(arm, 'total_cpu_us_per_request', cpu + redis),
      figure(arm, 'redis_commands_per_request', commands, { spread: 0 }),
      figure(arm, 'request_bytes', bytesIn, { spread: 0 }),
      figure(arm, 'response_bytes', bytesOut, { spread: 0 }),
      figure(arm, 'throughput_rps', 1e6 / (cpu + 30), { spread: 0.02 }),
      figure(arm, 'rss_bytes', 84_213_760, { spread: 0 }),
    ];
    if (arm === 'none') return rows;
    return [
      ...rows,
      figure(arm, 'cpu_toll_us', cpu - 33.1, { spread: arm === 'none-aa' ? 8 : 0.02, flags }),
      figure(arm, 'cpu_ratio_to_baseline', cpu / 33.1, { spread, flags }),
      figure(arm, 'total_cpu_ratio_to_baseline', (cpu + redis) / 33.1, { spread, flags }),
    ];
  });
}

/** Every pair of guarded arms in the same blocks, Redis included. */
function pairRows(): Figure[] {
  const guarded = ARMS.filter(([arm]) => !arm.startsWith('none'));
  return guarded.flatMap(([arm, , , cpu, redis], index) =>
    guarded
      .slice(index + 1)
      .map(([against, , , itsCpu, itsRedis]) =>
        figure(arm, 'total_cpu_ratio_to_arm', (cpu + redis) / (itsCpu + itsRedis), { factors: { against } }),
      ),
  );
}

/** name, throughput of one replica, Redis utilisation of one replica. */
const SCALED = [
  ['none', 9_800, 0],
  ['session-redis', 3_900, 11],
  ['session-redis-lean', 5_700, 14],
  ['jwt-hs256', 5_900, 0],
] as const;

function scaleRows(): Figure[] {
  return SCALED.flatMap(([arm, rps, redis]) =>
    [1, 2, 4].flatMap((replicas) => {
      const factors = { replicas };
      const efficiency = redis === 0 ? 1 - 0.015 * (replicas - 1) : 1 - 0.06 * (replicas - 1);
      const flags: Flag[] = replicas === 4 ? ['generator-saturated', 'one-fork'] : ['one-fork'];
      const options = { experiment: 'scale', factors, flags, spread: 0.025 };
      return [
        figure(arm, 'throughput_rps', rps * replicas * efficiency, options),
        figure(arm, 'scaling_efficiency', efficiency, options),
        figure(arm, 'redis_utilisation', redis * replicas * efficiency, options),
        figure(arm, 'balancer_cpu_us_per_request', 38 + redis / 4, { ...options, flags: [] }),
      ];
    }),
  );
}

/** name, p50 at half its capacity in µs, requests per second at capacity. */
const FELT = [
  ['none', 420, 9_800],
  ['session-redis', 980, 3_900],
  ['session-redis-lean', 640, 5_700],
  ['jwt-hs256', 560, 5_900],
] as const;

/** How p50 grows with load, and the ratio of the tail to it. */
const LOADS = [
  [50, 1, 1],
  [75, 1.2, 1.1],
  [90, 1.8, 1.6],
  [95, 2.9, 2.4],
] as const;

/** quantile, times p50, lateness of the machine in µs. */
const QUANTILES = [
  ['p50', 1, 61],
  ['p75', 1.3, 74],
  ['p90', 1.7, 120],
  ['p95', 2.1, 210],
  ['p99', 3.4, 880],
  ['p99.9', 7.5, 5_400],
  ['p99.99', 13, 11_200],
] as const;

/** One arm missed its rate at the highest load, as happens if the generator was delayed. */
function latencyRows(): Figure[] {
  const experiment = 'latency';
  return FELT.flatMap(([arm, base, rps]) => [
    figure(arm, 'throughput_rps', rps, { experiment, spread: 0.02 }),
    ...LOADS.flatMap(([load_pct, rise, stretch]) => {
      const missed = arm === 'jwt-hs256' && load_pct === 95;
      const flags: Flag[] = missed ? ['rate-missed'] : [];
      const one = (metric: Metric, value: number, factors: Factors, spread: number) =>
        figure(arm, metric, value, { experiment, factors: { load_pct, ...factors }, flags, spread });
      return [
        ...QUANTILES.flatMap(([quantile, times, late]) => {
          const corrected = base * rise * times ** stretch;
          const spread = 0.02 + times / 60;
          return [
            one('latency_us', corrected, { timing: 'corrected', quantile }, spread),
            one('latency_us', base * times ** 0.8, { timing: 'service', quantile }, spread),
            one('machine_lateness_us', late, { quantile }, 0.1),
          ];
        }),
        one('asked_rate_rps', (rps * load_pct) / 100, {}, 0.02),
        one('rate_in_time_pct', missed ? 96.2 : 99.9, {}, 0.0005),
        one('unanswered_pct', 0, {}, 0),
      ];
    }),
  ]);
}

function arm([name, family, serverState]: (typeof ARMS)[number]): ArmSummary {
  return armSummary(name, {
    title: name === 'session-memory' ? `In-process sessions ${HOSTILE}` : `The arm ${name}`,
    summary: `What ${name} is.`,
    role: name === 'none' ? 'baseline' : name === 'none-aa' ? 'control' : 'guarded',
    family,
    serverState,
  });
}

/** A fresh, valid run each time, so that a test may modify it. */
export function sampleRun(): Run {
  const experiment = { stoppedBy: 'interval', error: null, forks: 3, blocks: 24, unexpected: 0 } as const;
  return {
    schemaVersion: SCHEMA_VERSION,
    runId: '2026-05-04T10-20-30-sample',
    startedAt: '2026-05-04T10:20:30.000Z',
    endedAt: '2026-05-04T10:22:21.000Z',
    complete: true,
    interrupted: false,
    commandLine: `npm run bench -- --seed 7 --out ${HOSTILE}`,
    config: {
      profile: 'quick',
      experiments: ['toll', 'scale', 'hot-path', 'latency'],
      arms: null,
      replicas: null,
      budgetSeconds: 110,
      seed: 7,
      aa: true,
      argon2: { memoryKiB: 1024, passes: 1, cheap: true },
    },
    environment: {
      cpuModel: 'Example CPU 3.0 GHz',
      cores: 2,
      memoryBytes: 16_600_000_000,
      platform: 'linux x64',
      kernel: '6.1.0',
      node: 'v26.10.0',
      v8: '14.6',
      redis: 'Redis 7.4.1',
      packages: { fastify: '5.12.8', '@fastify/session': '11.1.3', 'fast-jwt': '6.3.6', ioredis: '6.0.0' },
      gitCommit: '0123456789abcdef0123456789abcdef01234567',
      gitDirty: false,
      cpuShares: 'cgroup v1, 0.2 CPU per replica',
    },
    arms: ARMS.map(arm),
    experiments: [
      { ...experiment, name: 'toll', question: 'What does each arm add per request?', seconds: 52, requests: 240_000 },
      {
        ...experiment,
        name: 'scale',
        question: 'How does throughput grow over 1 to N replicas, and what stops it?',
        stoppedBy: 'budget',
        seconds: 38,
        requests: 180_400,
      },
      {
        ...experiment,
        name: 'hot-path',
        question: 'Where do the microseconds go?',
        stoppedBy: 'plan',
        seconds: 15,
        requests: 0,
      },
      {
        ...experiment,
        name: 'latency',
        question: 'What do users feel at a given load?',
        stoppedBy: 'plan',
        seconds: 75,
        requests: 96_300,
      },
    ],
    notes: ['Passwords are hashed with the cheap setting.'],
    flags: ['generator-saturated', 'rate-missed', 'interval-wide', 'one-fork'],
    damagedLines: [],
    figures: [
      ...tollRows(),
      ...pairRows(),
      ...scaleRows(),
      ...modelRows(),
      ...wallRows(),
      ...spreadingRows(),
      ...distanceRows(),
      ...storeRows(),
      ...hotPathRows(),
      ...profileRows(),
      ...latencyRows(),
      ...revocationRows(figure),
      ...outageRows(figure),
      ...payloadRows(figure),
      ...lifecycleRows(figure),
      ...layersRows(figure),
      ...chainRows(),
    ],
    timelines: outageTimelines(),
  };
}
