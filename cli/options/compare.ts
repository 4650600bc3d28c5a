/** The flags of `npm run compare`, and the options that they stand for. Pure. */

import type { TollgateConfig } from '../../core/thresholds/config.ts';
import { COST_METRICS, type CostMetric } from '../../regression/compare/costs.ts';
import type { FlagTable, Invocation } from '../command.ts';
import { readNames, readPercentage, readSeconds, readSeed } from '../parse/values.ts';
import { CORES } from './cores.ts';
import { JSON_OUTPUT, SEED, STRICT } from './shared.ts';

/** One of each family, the leanest: a change to what all arms share shows in both. */
const DEFAULT_ARMS = ['session-redis-lean', 'jwt-hs256'];
const DEFAULT_BUDGET = '3m';
const DEFAULT_MARGIN_PCT = 2;
/** Counts of equal builds differ by up to 0.2 %. */
const DEFAULT_INSTRUCTIONS_MARGIN_PCT = 0.5;

export const COMPARE_FLAGS = {
  base: {
    value: 'REF_OR_DIR',
    help: 'Compare with this branch, tag, commit or folder (this or --base-of is required).',
  },
  'base-of': {
    value: 'BRANCH',
    help: 'Compare with the commit at which this branch was left, the merge base of it and head.',
  },
  head: { value: 'REF_OR_DIR', help: 'Judge this one (default: the working tree).' },
  arms: { value: 'LIST', help: `Compare these arms (default: the configuration’s, or ${DEFAULT_ARMS.join(',')}).` },
  metric: { value: 'LIST', help: `Compare any of ${COST_METRICS.join(',')} (default: ${COST_METRICS[0]}).` },
  margin: { value: 'PCT', help: `Tolerate a slowdown of this many percent (default: ${DEFAULT_MARGIN_PCT}).` },
  budget: {
    value: 'TIME',
    help: `Measure for at most this time, installation and instructions not counted (default: ${DEFAULT_BUDGET}).`,
  },
  seconds: { value: 'TIME', help: 'Measure each arm for at most this time, in place of --budget.' },
  anyway: { help: 'Measure builds that are identical, too, which have nothing to compare.' },
  unsafe: { help: 'Measure arms whose head verifies less than its base, too, and only note that.' },
  'guards-only': { help: 'Count only: Redis commands, bytes, cookies, event-loop iterations, allocations.' },
  instructions: {
    help: 'Also count the instructions of a request under valgrind, in interpreted code: about a minute for each arm.',
  },
  'instructions-margin': {
    value: 'PCT',
    help: `Tolerate this many percent more instructions (default: ${DEFAULT_INSTRUCTIONS_MARGIN_PCT}).`,
  },
  config: { value: 'FILE', help: 'Read limits and defaults from this file (default: tollgate.config.json, if any).' },
  cores: CORES,
  strict: STRICT,
  seed: SEED,
  json: JSON_OUTPUT,
  markdown: { value: 'FILE', help: 'Write the result as Markdown, for a pull request.' },
  junit: { value: 'FILE', help: 'Write the result as JUnit XML.' },
} as const satisfies FlagTable;

export const COMPARE_NOTES = [
  'A regression is a ratio whose whole 99 % interval lies above 1 and whose estimate exceeds the margin, or any count',
  'per request that rose. `same` means that the whole interval lies within the margin.',
  'First the quick part of the gate checks both builds: a head that verifies less than its base is not measured, but red.',
  '',
  '--instructions sees interpreted code and not what the JIT makes of it: it finds added work, however noisy the machine,',
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
  /** Whether arms that verify less than their base are measured. */
  readonly unsafe: boolean;
  readonly arms: readonly string[];
  readonly metrics: readonly CostMetric[];
  readonly marginPct: number;
  readonly budgetSeconds: number;
  readonly guardsOnly: boolean;
  /** The margin of the count of instructions, in percent; null if they are not counted. */
  readonly instructionsMarginPct: number | null;
  readonly seed: number;
  readonly json: boolean;
  readonly markdown: string | null;
  readonly junit: string | null;
}

function readMetrics(text: string | undefined, faults: string[]): CostMetric[] {
  if (text === undefined) return [COST_METRICS[0]];
  const names = readNames('metric', text, COST_METRICS, faults);
  return COST_METRICS.filter((metric) => names.includes(metric));
}

/** The arms are read as they were typed: which of them exist is known only once both builds are made. */
export function readCompareOptions(
  { values, switches, faults }: Pick<Invocation, 'values' | 'switches' | 'faults'>,
  config: TollgateConfig,
): CompareOptions {
  const named = (values.base ?? values['base-of']) !== undefined;
  if (!named && !faults.some((fault) => fault.startsWith('--base'))) {
    faults.push('--base is missing: name what to compare with, such as --base HEAD or --base-of origin/main');
  }
  if (values.base !== undefined && values['base-of'] !== undefined) {
    faults.push(
      '--base and --base-of cannot be combined: the first is the base, the second the branch that was left at it',
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
    guardsOnly: switches.has('guards-only'),
    instructionsMarginPct: switches.has('instructions') ? instructionsMargin : null,
    seed: readSeed(values.seed, faults),
    json: switches.has('json'),
    markdown: values.markdown ?? null,
    junit: values.junit ?? null,
  };
}
