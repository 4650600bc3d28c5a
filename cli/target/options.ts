/** The options of `npm run target`, after all faults have been reported. */
import { CAPACITY } from '../../bench/experiments/capacity/plan.ts';
import { ARGON2_CHEAP } from '../../bench/fleet/secrets.ts';
import { representativeArms } from '../../bench/measuring/arms.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { MOST } from '../../bench/run/resumable.ts';
import { NO_CONFIG } from '../../core/thresholds/config.ts';
import type { Threshold } from '../../core/thresholds/judge.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { parseService, readService, type Service } from '../../target/config/service.ts';
import { twinOf } from '../../target/measure/arms.ts';
import { hostsOf, otherHosts, ownershipFaults } from '../../target/owner/hosts.ts';
import type { Invocation } from '../command.ts';
import { refuseUnread } from '../options/concerns.ts';
import { engineFaults, readEngine, refuseMissingEngine } from '../options/engine.ts';
import { readObjective } from '../options/objective.ts';
import { readStoreServer } from '../options/store-server.ts';
import { readWatching, WATCHING, type Watching } from '../options/watching.ts';
import {
  MOST_RPS,
  readArms,
  readChoice,
  readCounts,
  readInteger,
  readNames,
  readSeconds,
  readSeed,
} from '../parse/values.ts';
import { checkWritable } from '../report-file.ts';
import { readConfigOf } from '../thresholds.ts';
import { discovered } from './init.ts';
import { pinFaults } from './pin-faults.ts';
import type { TargetRun } from './run.ts';

/** Flags that concern only measuring. */
const MEASURING = [
  'arms',
  'experiments',
  'replicas',
  'slo',
  'engine',
  'profile',
  'budget',
  'seed',
  'unsafe',
  'config',
  'strict',
  'junit',
  ...Object.keys(WATCHING),
];

export interface TargetOptions {
  readonly service: Service;
  readonly gateOnly: boolean;
  readonly quick: boolean;
  readonly unsafe: boolean;
  readonly ownArms: readonly ArmInfo[];
  readonly config: TargetRun['config'];
  readonly watching: Watching;
  readonly json: boolean;
  readonly out: string | null;
  readonly maxRps: number | null;
  /** The limits on figures, and where their results go as JUnit XML. */
  readonly thresholds: readonly Threshold[];
  readonly junit: string | null;
}

/** @throws UsageError with all faults of the flags and of the configuration */
export async function readTargetOptions(invocation: Invocation): Promise<TargetOptions> {
  const { values, switches, positionals, faults, refuseFaults } = invocation;
  const [file, ...more] = positionals;
  for (const word of more) faults.push(`unexpected argument ${JSON.stringify(word)}`);
  for (const flag of ['base', 'margin', 'markdown'] as const)
    if (values[flag] !== undefined) faults.push(`--${flag} only applies to compare: npm run target -- compare`);
  const gateOnly = switches.has('gate-only');
  const hasUrl = values.url !== undefined;
  if (file === undefined && !hasUrl)
    faults.push('give the configuration of the service: npm run target -- service.json');
  if (file !== undefined && hasUrl) faults.push(`--url replaces ${file}: omit one of them`);
  for (const flag of hasUrl ? [] : (['login', 'guarded'] as const))
    if (values[flag] !== undefined) faults.push(`--${flag} needs --url`);
  if (switches.has('quick') && !gateOnly) faults.push('--quick needs --gate-only: add that, or omit --quick');
  for (const flag of gateOnly ? MEASURING : [])
    if (values[flag] !== undefined || switches.has(flag))
      faults.push(`--${flag} needs a measurement, and --gate-only makes none: omit one of them`);
  const maxRps =
    values['max-rps'] === undefined ? null : readInteger('max-rps', values['max-rps'], 1, MOST_RPS, faults);
  const ownArms = await describeArms();
  const config = readConfig(invocation, ownArms);
  readStoreServer(invocation);
  const watching = readWatching(invocation);
  if (!gateOnly) faults.push(...engineFaults(config, values));
  const junit = values.junit ?? null;
  checkWritable('junit', junit, faults);
  refuseFaults();
  const service = hasUrl
    ? parseService('--url', JSON.stringify(await discovered(invocation)), { folder: '.', env: process.env })
    : readService(file ?? '', process.env);
  if (switches.has('insecure-loopback')) faults.push(...pinFaults([service]));
  const owned = (values['i-own-this-host'] ?? '').split(',').map((host) => host.trim());
  faults.push(...ownershipFaults(hostsOf(service), { owned: owned.filter((host) => host !== ''), maxRps }));
  if (!gateOnly)
    for (const host of otherHosts(service.origins.map(({ url }) => url)))
      faults.push(`the logins of a measurement would go to ${host} without a limit: add --gate-only`);
  if (ownArms.some(({ name }) => name === service.name || name === twinOf(service.name)))
    faults.push(`${file}: /name is ${service.name}, the name of a built-in arm: choose another one`);
  if (service.launch === null && !gateOnly)
    faults.push('the CPU time of a service at a URL cannot be read: add --gate-only, or give start in place of urls');
  const limits = { file: values.config ?? null, strict: switches.has('strict'), command: 'bench' } as const;
  const measured = [service.name, twinOf(service.name)].map((name) => ({ name }));
  const { thresholds } = gateOnly ? NO_CONFIG : readConfigOf(limits, [...ownArms, ...measured], faults);
  if (!gateOnly) refuseMissingEngine(config);
  if (maxRps !== null && !gateOnly) faults.push('--max-rps only limits the security checks: add --gate-only');
  refuseFaults();
  return {
    service: { ...service, pinsCertificates: switches.has('insecure-loopback') },
    gateOnly,
    ownArms,
    config,
    watching,
    maxRps,
    thresholds,
    junit,
    quick: !gateOnly || switches.has('quick'),
    unsafe: switches.has('unsafe'),
    json: switches.has('json'),
    out: values.out ?? null,
  };
}

/** The experiments that need only a service's own requests, the usual ones first. */
const EXPERIMENTS = ['toll', 'scale', 'latency', 'revocation', 'outage', 'payload', CAPACITY];
const USUAL = ['toll'];

function readConfig({ values, faults }: Invocation, arms: readonly ArmInfo[]): TargetRun['config'] {
  const known = arms.map(({ name }) => name);
  const experiments =
    values.experiments === undefined ? USUAL : readNames('experiments', values.experiments, EXPERIMENTS, faults);
  refuseUnread(values, experiments, faults);
  // A search takes time for each arm, and makes no comparison.
  const isAlone = experiments.every((name) => name === CAPACITY);
  const usual = isAlone ? [] : representativeArms(arms);
  const chosen = values.arms === undefined ? usual : readArms(values.arms, known, faults);
  const baseline = arms.filter((arm) => arm.baseline && !isAlone).map(({ name }) => name);
  return {
    profile: readChoice('profile', values.profile ?? 'quick', ['quick', 'full'], faults) ?? 'quick',
    experiments,
    // Every toll is the difference from the baseline.
    arms: [...new Set([...baseline, ...chosen])],
    replicas: values.replicas === undefined ? null : readCounts('replicas', values.replicas, MOST.replicas, faults),
    ...readObjective(values, faults),
    budgetSeconds: values.budget === undefined ? null : readSeconds('budget', values.budget, faults),
    seed: readSeed(values.seed, faults),
    aa: false,
    ...readEngine(values, faults),
    argon2: { ...ARGON2_CHEAP },
  };
}
