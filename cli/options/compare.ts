/** The flags of `npm run compare`, and the resulting options. Pure. */

import type { TollgateConfig } from '../../core/thresholds/config.ts';
import { RATES_FILE } from '../../regression/aa/known.ts';
import { COST_METRICS, type CostMetric } from '../../regression/compare/costs/costs.ts';
import { type PackagePair, readNodePair, readPackagePair } from '../../regression/packages/versions.ts';
import type { FlagTable, Invocation } from '../command.ts';
import { readNames, readPercentage, readSeconds, readSeed } from '../parse/values.ts';
import { CORES } from './cores.ts';
import { JSON_OUTPUT, SEED, STRICT } from './shared.ts';
import { STORE_SERVER } from './store-server.ts';

/** The leanest of each family: a change to shared code shows in both. */
const DEFAULT_ARMS = ['session-redis-lean', 'jwt-hs256'];
export const DEFAULT_BUDGET = '3m';
export const DEFAULT_MARGIN_PCT = 2;
/** Counts of identical builds differ by up to 0.2 %. */
const DEFAULT_INSTRUCTIONS_MARGIN_PCT = 0.5;

export const COMPARE_FLAGS = {
  base: {
    value: 'REF_OR_DIR',
    help: 'Compare with this branch, tag, commit or folder (this, --base-of or --package is required).',
  },
  'base-of': {
    value: 'BRANCH',
    help: 'Compare with the merge base of this branch and head.',
  },
  head: { value: 'REF_OR_DIR', help: 'Test this one (default: the working tree).' },
  package: {
    value: 'NAME@A NAME@B',
    pair: true,
    help: 'Compare two versions of a dependency on the servers of head; may be repeated.',
  },
  node: { value: 'A B', pair: true, help: 'Compare two versions of Node.js, from its npm package.' },
  arms: {
    value: 'LIST',
    help: `Compare these arms, or "all" (default: the configuration’s, or ${DEFAULT_ARMS.join(',')}).`,
  },
  metric: { value: 'LIST', help: `Compare any of ${COST_METRICS.join(',')} (default: ${COST_METRICS[0]}).` },
  margin: { value: 'PCT', help: `Tolerate a slowdown of this many percent (default: ${DEFAULT_MARGIN_PCT}).` },
  budget: {
    value: 'TIME',
    help: `Measure for at most this time, installation and instructions not counted (default: ${DEFAULT_BUDGET}).`,
  },
  seconds: { value: 'TIME', help: 'Measure each arm for at most this time, instead of --budget.' },
  anyway: { help: 'Measure even if the builds are identical.' },
  unsafe: { help: 'Measure even if head fails a check that base passes, and only note that.' },
  confirm: {
    help: 'Repeat failed measurements from fresh copies with another seed; fail only if both do (default: if CI is set).',
  },
  'no-confirm': { help: 'Measure once (default: if CI is not set).' },
  'confirm-of': {
    value: 'FILE',
    help: 'Repeat what failed in this output of --json --no-confirm, for instance on another machine.',
  },
  'guards-only': { help: 'Only count Redis commands, bytes, cookies, event-loop iterations and allocations.' },
  instructions: {
    help: 'Also count the instructions of a request under valgrind, in interpreted code: about a minute for each arm.',
  },
  'instructions-margin': {
    value: 'PCT',
    help: `Tolerate this many percent more instructions (default: ${DEFAULT_INSTRUCTIONS_MARGIN_PCT}).`,
  },
  rates: {
    value: 'FILE',
    help: `Report the error rates that aa --compare saved in this file (default: ${RATES_FILE}).`,
  },
  config: { value: 'FILE', help: 'Read limits and defaults from this file (default: tollgate.config.json, if any).' },
  cores: CORES,
  strict: STRICT,
  seed: SEED,
  ...STORE_SERVER,
  json: JSON_OUTPUT,
  markdown: { value: 'FILE', help: 'Write the result as Markdown, for a pull request.' },
  junit: { value: 'FILE', help: 'Write the result as JUnit XML.' },
  flame: { value: 'FILE.svg', help: 'Write a flame graph of a confirmed regression.' },
} as const satisfies FlagTable;

export const COMPARE_NOTES = [
  'A regression is a ratio whose whole 99 % interval lies above 1 and whose estimate exceeds the margin, or any count',
  'per request that rose. `same` means that the whole interval lies within the margin.',
  'The quick security checks run on both builds first: if head fails a check that base passes, it fails without being measured.',
  '--confirm does not repeat them: a check that no longer passes stays a failure.',
  '',
  '--instructions counts interpreted code, not what the JIT compiles: it finds added work even on a noisy machine,',
  'but not a change of speed. It needs valgrind: npm run setup -- valgrind.',
  '',
  'Environment: REDIS_URL uses that Redis for both sides; TOLLGATE_ALLOW_REMOTE=1 permits one on another machine.',
];

export interface CompareOptions {
  readonly base: string;
  /** The branch whose merge base with head is the base; null if the base itself is named. */
  readonly baseOf: string | null;
  readonly head: string | null;
  /** Whether identical builds are measured. */
  readonly anyway: boolean;
  /** Whether to measure arms that verify less than their base. */
  readonly unsafe: boolean;
  /** As typed; `all` is replaced when the builds, and so their arms, are known. */
  readonly arms: readonly string[];
  readonly metrics: readonly CostMetric[];
  readonly marginPct: number;
  readonly budgetSeconds: number;
  /** The time for each arm; null if the budget is for all of them. */
  readonly secondsPerArm: number | null;
  /** Whether the budget was given rather than the default. */
  readonly isBudgetGiven: boolean;
  readonly guardsOnly: boolean;
  /** The margin of the count of instructions, in percent; null if they are not counted. */
  readonly instructionsMarginPct: number | null;
  /** Versions of dependencies to compare, instead of a base; empty for two builds. */
  readonly packages: readonly PackagePair[];
  /** Whether failing results are repeated. */
  readonly confirm: boolean;
  /** The file of a first measurement, which is then skipped; null to make both. */
  readonly confirmOf: string | null;
  /** The file of error rates; null for the usual one. */
  readonly rates: string | null;
  readonly seed: number;
  readonly json: boolean;
  readonly markdown: string | null;
  readonly junit: string | null;
  readonly flame: string | null;
}

function readMetrics(text: string | undefined, faults: string[]): CostMetric[] {
  if (text === undefined) return [COST_METRICS[0]];
  const names = readNames('metric', text, COST_METRICS, faults);
  return COST_METRICS.filter((metric) => names.includes(metric));
}

/** The servers are those of head, so a base cannot be given. */
function readPackages({ values, pairs, faults }: Pick<Invocation, 'values' | 'pairs' | 'faults'>): PackagePair[] {
  const asked = [...(pairs.package ?? []), ...(pairs.node ?? [])];
  if (asked.length === 0) return [];
  for (const flag of ['base', 'base-of', 'confirm-of'].filter((name) => values[name] !== undefined)) {
    faults.push(`--${flag} cannot be combined with --package or --node, which name both sides`);
  }
  const found = [
    ...(pairs.package ?? []).flatMap((words) => readPackagePair(words, faults) ?? []),
    ...(pairs.node ?? []).flatMap((words) => readNodePair(words, faults) ?? []),
  ];
  const keys = found.map(({ name, base, head }) => `${name}@${base} ${name}@${head}`);
  for (const key of keys.filter((one, i) => keys.indexOf(one) !== i)) faults.push(`--package ${key} was given twice`);
  return found;
}

/** Options that a second measurement takes from the first. */
const OF_THE_FIRST = ['base-of', 'arms', 'metric', 'margin', 'instructions-margin', 'seed'] as const;
const SWITCHES_OF_THE_FIRST = ['confirm', 'no-confirm', 'anyway', 'unsafe', 'instructions', 'guards-only'] as const;

function readConfirm(
  { values, switches, faults }: Pick<Invocation, 'values' | 'switches' | 'faults'>,
  env: NodeJS.ProcessEnv,
): Pick<CompareOptions, 'confirm' | 'confirmOf'> {
  if (switches.has('confirm') && switches.has('no-confirm')) {
    faults.push('--confirm and --no-confirm cannot be combined');
  }
  const confirmOf = values['confirm-of'] ?? null;
  if (confirmOf !== null) {
    const others = [
      ...OF_THE_FIRST.filter((flag) => values[flag] !== undefined),
      ...SWITCHES_OF_THE_FIRST.filter((flag) => switches.has(flag)),
    ];
    for (const flag of others) faults.push(`--confirm-of repeats the settings of its file: omit --${flag}`);
  }
  const isCi = !['', '0', 'false'].includes(env.CI ?? '');
  return { confirm: switches.has('confirm') || (isCi && !switches.has('no-confirm')), confirmOf };
}

/**
 * Arms are read as typed: which of them exist is known only once both builds are made. @param env the environment,
 * which shows whether this is CI
 */
export function readCompareOptions(
  { values, pairs, switches, faults }: Pick<Invocation, 'values' | 'pairs' | 'switches' | 'faults'>,
  config: TollgateConfig,
  env: NodeJS.ProcessEnv,
): CompareOptions {
  const packages = readPackages({ values, pairs, faults });
  const named = (values.base ?? values['base-of'] ?? values['confirm-of'] ?? pairs.package ?? pairs.node) !== undefined;
  // Such as a --package with one value.
  const isNamedBadly = faults.some((fault) => /^--(base|base-of|confirm-of|package|node)\b/.test(fault));
  if (!named && !isNamedBadly) {
    faults.push('--base is missing: name what to compare with, such as --base HEAD or --base-of origin/main');
  }
  if (values.base !== undefined && values['base-of'] !== undefined) {
    faults.push(
      '--base and --base-of cannot be combined: the first is the base itself, the second a branch whose merge base is used',
    );
  }
  if (values.seconds !== undefined && values.budget !== undefined) {
    faults.push('--seconds and --budget cannot be combined: the first is for each arm, the second for all of them');
  }
  const asked = values.arms?.split(',').map((name) => name.trim()) ?? config.compare.arms ?? DEFAULT_ARMS;
  const arms = readNames('arms', asked.join(','), asked, faults);
  const perArm = values.seconds === undefined ? null : readSeconds('seconds', values.seconds, faults);
  const budget = readSeconds('budget', values.budget ?? config.compare.budget ?? DEFAULT_BUDGET, faults);
  const margin = values.margin === undefined ? null : readPercentage('margin', values.margin, faults);
  const marginText = values['instructions-margin'];
  if (marginText !== undefined && !switches.has('instructions')) {
    faults.push('--instructions-margin needs --instructions');
  }
  const instructionsMargin =
    marginText === undefined
      ? DEFAULT_INSTRUCTIONS_MARGIN_PCT
      : readPercentage('instructions-margin', marginText, faults);
  return {
    base: values.base ?? '',
    baseOf: values['base-of'] ?? null,
    head: values.head ?? null,
    anyway: switches.has('anyway'),
    unsafe: switches.has('unsafe'),
    arms,
    metrics: readMetrics(values.metric, faults),
    marginPct: margin ?? config.compare.marginPct ?? DEFAULT_MARGIN_PCT,
    budgetSeconds: perArm === null ? (budget ?? 1) : perArm * arms.length,
    secondsPerArm: perArm,
    isBudgetGiven: (values.budget ?? values.seconds) !== undefined,
    guardsOnly: switches.has('guards-only'),
    instructionsMarginPct: switches.has('instructions') ? instructionsMargin : null,
    packages,
    ...readConfirm({ values, switches, faults }, env),
    rates: values.rates ?? null,
    seed: readSeed(values.seed, faults),
    json: switches.has('json'),
    markdown: values.markdown ?? null,
    junit: values.junit ?? null,
    flame: values.flame ?? null,
  };
}
