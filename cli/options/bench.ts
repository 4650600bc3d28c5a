/** The flags of `npm run bench`, and the resulting options. */

import { EXPERIMENTS } from '../../bench/experiments/registry.ts';
import { ARGON2_CHEAP } from '../../bench/fleet/secrets.ts';
import type { HostsPlan } from '../../bench/hosts/config/read.ts';
import { allowedCores } from '../../bench/processes/cores.ts';
import { MOST } from '../../bench/run/resumable.ts';
import type { RunConfig } from '../../core/results/recorded/config.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import type { FlagTable, Invocation } from '../command.ts';
import {
  readArms,
  readChoice,
  readCounts,
  readInteger,
  readNames,
  readSeconds,
  readSeed,
  readSizes,
} from '../parse/values.ts';
import { refuseUnread } from './concerns.ts';
import { CORES, readCores } from './cores.ts';
import { ENGINE, engineFaults, readEngine } from './engine.ts';
import { FLEET } from './fleet.ts';
import { canBeOnHosts, HOSTS, hostsConfig, hostsNotes, readHostsFlag } from './hosts.ts';
import { OBJECTIVE, readObjective } from './objective.ts';
import { readShard, SHARD } from './shard.ts';
import { JSON_OUTPUT, SEED, STRICT } from './shared.ts';
import { readStoreServer, STORE_SERVER } from './store-server.ts';
import { readWatching, WATCHING, type Watching } from './watching.ts';

const NAMES = EXPERIMENTS.map(({ name }) => name);
const QUICK = EXPERIMENTS.filter(({ inQuick }) => inQuick).map(({ name }) => name);
const FULL_MINUTES = Math.round(EXPERIMENTS.reduce((sum, { seconds }) => sum + seconds.full, 0) / 60);

export const BENCH_FLAGS = {
  experiments: {
    value: 'LIST',
    help: `Run these experiments (default: ${QUICK.join(',')}; with --profile full: all).`,
  },
  arms: { value: 'LIST', help: 'Compare these arms, or "all" (default: the arms that suit each experiment).' },
  replicas: { value: 'LIST', help: 'Measure these numbers of replicas (default: 1,2,4; full: 1,2,3,4,6,8).' },
  redis: {
    value: 'KIND',
    help: 'Start one Redis per fleet (single) or a cluster of three nodes (cluster) (default: single).',
  },
  engine: ENGINE,
  ...STORE_SERVER,
  'store-sizes': { value: 'LIST', help: 'Store these numbers of sessions (default: 1e3,1e4,1e5; full: up to 1e6).' },
  ...OBJECTIVE,
  profile: {
    value: 'NAME',
    help: `Be quick (two minutes of measuring) or full (every experiment, with more arms, levels and fresh starts: ${FULL_MINUTES} minutes) (default: quick).`,
  },
  budget: {
    value: 'TIME',
    help: 'Spend this time on measuring, such as 90s or 10m (default: the profile’s). Each experiment needs at least one fresh start.',
  },
  seed: SEED,
  ...SHARD,
  ...FLEET,
  hosts: HOSTS,
  out: { value: 'DIR', help: 'Write the results here (default: results/<UTC timestamp>).' },
  resume: { value: 'DIR', help: 'Continue an interrupted run.' },
  config: {
    value: 'FILE',
    help: 'Check the figures against the limits in this file (default: tollgate.config.json, if any).',
  },
  cores: CORES,
  strict: STRICT,
  junit: { value: 'FILE', help: 'Write threshold results as JUnit XML.' },
  ...WATCHING,
  unsafe: { help: 'Also measure arms that fail a security check, and flag their figures.' },
  aa: { help: 'Add a second, identical baseline: the interval of its ratio should contain 1.' },
  planted: {
    value: 'N',
    help: 'Slow down the second baseline by N iterations of arithmetic per request, and check that the toll detects it; implies --aa.',
  },
  json: JSON_OUTPUT,
} as const satisfies FlagTable;

/** Paragraphs of the help page that explain the names in LIST. */
export function benchNotes(arms: readonly ArmInfo[]): string[] {
  const width = Math.max(...[...NAMES, ...arms.map(({ name }) => name)].map((name) => name.length)) + 2;
  return [
    'Arms:',
    ...arms.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`),
    '',
    'Experiments:',
    ...EXPERIMENTS.map(({ name, question }) => `  ${name.padEnd(width)}${question}`),
    '',
    ...hostsNotes(),
    '',
    'Environment:',
    '  REDIS_URL              Use this Redis: redis://, rediss:// or unix:/PATH, with user, password and database.',
    '  TOLLGATE_ALLOW_REMOTE  1 permits a Redis on another machine.',
    '  TOLLGATE_CLOCK_URL     Read the time from this Redis, to compare the clocks of shards.',
    '  TOLLGATE_NO_INSTALL    1 installs nothing.',
    '  NO_COLOR               Print no colours.',
  ];
}

/** A resumed run takes these from its journal. */
const FIXED_BY_RESUME = [
  'experiments',
  'arms',
  'replicas',
  'redis',
  'engine',
  'store-sizes',
  'slo',
  'profile',
  'budget',
  'seed',
  'shard',
  'start-at',
  'out',
  'aa',
  'planted',
] as const;

export interface BenchOptions extends Watching {
  readonly config: RunConfig;
  readonly out: string | null;
  readonly resume: string | null;
  readonly json: boolean;
  readonly unsafe: boolean;
  readonly configFile: string | null;
  readonly strict: boolean;
  /** Null leaves the choice to the run. */
  readonly cores: readonly number[] | null;
  readonly junit: string | null;
  /** Where servers and generators are; null for this machine. */
  readonly hosts: HostsPlan | null;
}

type ParsedFlags = Pick<Invocation, 'values' | 'switches' | 'faults'>;

export function readBenchOptions({ values, switches, faults }: ParsedFlags, arms: readonly ArmInfo[]): BenchOptions {
  if (values.resume !== undefined) {
    for (const flag of FIXED_BY_RESUME) {
      if (values[flag] === undefined && !switches.has(flag)) continue;
      faults.push(`--${flag} cannot be changed by --resume: leave it out`);
    }
  }
  if (values.redis === 'cluster' && process.env.REDIS_URL) {
    faults.push('--redis cluster starts its own nodes, but REDIS_URL is set: unset REDIS_URL, or leave --redis out');
  }
  if (values.fleet === undefined) readStoreServer({ values, faults });
  const hosts = readHostsFlag(values, arms, faults);
  const config = readConfig({ values, switches, faults }, arms, hosts);
  faults.push(...engineFaults(config, values));
  return {
    config: hosts === null || values.resume !== undefined ? config : hostsConfig(config, hosts, faults),
    hosts,
    out: values.out ?? null,
    resume: values.resume ?? null,
    json: switches.has('json'),
    unsafe: switches.has('unsafe'),
    configFile: values.config ?? null,
    strict: switches.has('strict'),
    cores: readCores(values.cores, allowedCores(), faults),
    junit: values.junit ?? null,
    ...readWatching({ values, faults }),
  };
}

function readConfig(
  { values, switches, faults }: ParsedFlags,
  arms: readonly ArmInfo[],
  hosts: HostsPlan | null,
): RunConfig {
  const known = arms.map(({ name }) => name);
  const every = hosts === null ? known : arms.filter((arm) => canBeOnHosts(arm, hosts)).map(({ name }) => name);
  const chosen = values.arms === undefined ? null : readArms(values.arms, known, faults, every);
  const baseline = arms.find((arm) => arm.baseline)?.name;
  const aa = switches.has('aa') || values.planted !== undefined;
  if (aa && chosen && baseline && !chosen.includes(baseline)) {
    const flag = values.planted === undefined ? '--aa' : '--planted';
    faults.push(`${flag} compares the baseline with itself: add ${baseline} to --arms`);
  }
  const planted =
    values.planted === undefined ? null : readInteger('planted', values.planted, 1, MOST.plantedIterations, faults);
  const profile = readChoice('profile', values.profile ?? 'quick', ['quick', 'full'], faults) ?? 'quick';
  const standard = profile === 'full' ? NAMES : QUICK;
  const experiments =
    values.experiments === undefined ? [...standard] : readNames('experiments', values.experiments, NAMES, faults);
  // On hosts the default is another one, which reads both.
  if (values.experiments !== undefined || hosts === null) refuseUnread(values, experiments, faults);
  return {
    profile,
    experiments,
    byDefault: values.experiments === undefined,
    arms: chosen,
    replicas: values.replicas === undefined ? null : readCounts('replicas', values.replicas, MOST.replicas, faults),
    budgetSeconds: values.budget === undefined ? null : readSeconds('budget', values.budget, faults),
    seed: readSeed(values.seed, faults),
    aa,
    ...(planted === null ? {} : { plantedIterations: planted }),
    ...readEngine(values, faults),
    argon2: { ...ARGON2_CHEAP },
    ...(values.redis === undefined
      ? {}
      : { redis: readChoice('redis', values.redis, ['single', 'cluster'], faults) ?? 'single' }),
    ...(values['store-sizes'] === undefined
      ? {}
      : { storeSizes: readSizes('store-sizes', values['store-sizes'], MOST.sessions, faults) }),
    ...readObjective(values, faults),
    ...readShard(values, faults),
  };
}
