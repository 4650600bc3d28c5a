/** The flags of `npm run bench`, and from them what is asked for; every fault at once. Pure. */

import { EXPERIMENTS } from '../bench/experiments/registry.ts';
import { ARGON2_CHEAP } from '../bench/fleet/secrets.ts';
import type { RunConfig } from '../core/results/schema.ts';
import type { ArmInfo } from '../servers/contract.ts';
import { type FlagTable, helpText, type ParsedFlags } from './flags.ts';
import { type Faults, readChoice, readCounts, readInteger, readNames, readSeconds, readSizes } from './values.ts';

const NAMES = EXPERIMENTS.map(({ name }) => name);
const QUICK = EXPERIMENTS.filter(({ inQuick }) => inQuick).map(({ name }) => name);
const MOST_REPLICAS = 64;
const MOST_SESSIONS = 10_000_000;

export const BENCH_FLAGS = {
  experiments: { value: 'LIST', help: `any of ${NAMES.join(', ')} (default: ${QUICK.join(', ')}; full: all)` },
  arms: { value: 'LIST', help: 'arms to compare, or "all" (default: what each experiment needs)' },
  replicas: { value: 'LIST', help: 'numbers of replicas for scale (default: 1,2,4; full: 1,2,3,4,6,8)' },
  redis: { value: 'KIND', help: 'single (a server for each fleet) or cluster (of three nodes) (default: single)' },
  'store-sizes': { value: 'LIST', help: 'numbers of sessions for store (default: 1e3,1e4,1e5; full: to 1e6)' },
  profile: { value: 'NAME', help: 'quick (two minutes) or full (default: quick)' },
  budget: { value: 'TIME', help: 'time for measuring in all, such as 90s or 10m (default: the profile’s)' },
  seed: { value: 'N', help: 'makes every random order repeatable (default: a fresh one, kept in the result)' },
  out: { value: 'DIR', help: 'where the results go (default: results/ and the time of day)' },
  resume: { value: 'DIR', help: 'go on with a run that was broken off' },
  config: {
    value: 'FILE',
    help: 'limits that the figures must keep (default: tollgate.config.json, where there is one)',
  },
  junit: { value: 'FILE', help: 'write what came of the limits as JUnit XML' },
  unsafe: { help: 'time arms that fail a security check too, and flag their figures' },
  aa: { help: 'add a second, identical baseline: its ratio must hold 1' },
  json: { help: 'print the result as one JSON object on stdout' },
  help: { help: 'this page' },
} as const satisfies FlagTable;

export function benchHelp(arms: readonly ArmInfo[]): string {
  const width = Math.max(0, ...arms.map(({ name }) => name.length)) + 2;
  return helpText(
    'npm run bench -- [flags]',
    'Measures what authentication schemes cost: starts the servers and Redis, loads them, writes a report.',
    BENCH_FLAGS,
    [
      ...(arms.length > 0
        ? ['Arms:', ...arms.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`), '']
        : []),
      'Experiments:',
      ...EXPERIMENTS.map(({ name, question }) => `  ${name.padEnd(width || 12)}${question}`),
      '',
      'Environment: REDIS_URL (use that Redis), TOLLGATE_NO_INSTALL=1 (install nothing), NO_COLOR.',
      'Exit codes: 0 done, 1 an experiment failed, an arm failed a security check or a limit is broken, 2 wrong usage, 3 something is missing here, 130 interrupted.',
    ],
  );
}

/** Flags that a resumed run takes from its journal. */
const FIXED_BY_RESUME = [
  'experiments',
  'arms',
  'replicas',
  'redis',
  'store-sizes',
  'profile',
  'budget',
  'seed',
  'out',
  'aa',
] as const;

export interface Asked {
  readonly config: RunConfig;
  readonly out: string | null;
  readonly resume: string | null;
  readonly json: boolean;
  readonly unsafe: boolean;
  /** Null where none was named. */
  readonly configFile: string | null;
  readonly junit: string | null;
  readonly faults: readonly string[];
}

function readArms(text: string | undefined, known: readonly string[], faults: Faults): string[] | null {
  if (text === undefined) return null;
  return text.trim() === 'all' ? [...known] : readNames('arms', text, known, faults);
}

/** @param freshSeed used where none is given */
export function readBenchFlags(parsed: ParsedFlags, arms: readonly ArmInfo[], freshSeed: number): Asked {
  const faults: Faults = [...parsed.faults];
  const { values, switches } = parsed;
  for (const word of parsed.positionals) faults.push(`${JSON.stringify(word)} is no flag: flags begin with --`);
  if (values.resume !== undefined) {
    for (const flag of FIXED_BY_RESUME) {
      if (values[flag] !== undefined || switches.has(flag))
        faults.push(`--${flag} is fixed by the run that --resume goes on with: leave it out`);
    }
  }
  const armNames = arms.map(({ name }) => name);
  const chosenArms = readArms(values.arms, armNames, faults);
  const baseline = arms.find((arm) => arm.baseline)?.name;
  if (switches.has('aa') && chosenArms && baseline && !chosenArms.includes(baseline)) {
    faults.push(`--aa compares the baseline with itself: add ${baseline} to --arms`);
  }
  const profile =
    values.profile === undefined
      ? 'quick'
      : (readChoice('profile', values.profile, ['quick', 'full'], faults) ?? 'quick');
  const config: RunConfig = {
    profile,
    experiments:
      values.experiments === undefined
        ? [...(profile === 'full' ? NAMES : QUICK)]
        : readNames('experiments', values.experiments, NAMES, faults),
    arms: chosenArms,
    replicas: values.replicas === undefined ? null : readCounts('replicas', values.replicas, MOST_REPLICAS, faults),
    budgetSeconds: values.budget === undefined ? null : readSeconds('budget', values.budget, faults),
    seed: values.seed === undefined ? freshSeed : (readInteger('seed', values.seed, 0, 2 ** 31 - 1, faults) ?? 0),
    aa: switches.has('aa'),
    argon2: { ...ARGON2_CHEAP },
    ...(values.redis === undefined
      ? {}
      : { redis: readChoice('redis', values.redis, ['single', 'cluster'], faults) ?? 'single' }),
    ...(values['store-sizes'] === undefined
      ? {}
      : { storeSizes: readSizes('store-sizes', values['store-sizes'], MOST_SESSIONS, faults) }),
  };
  return {
    config,
    out: values.out ?? null,
    resume: values.resume ?? null,
    json: switches.has('json'),
    unsafe: switches.has('unsafe'),
    configFile: values.config ?? null,
    junit: values.junit ?? null,
    faults,
  };
}
