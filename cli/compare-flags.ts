/** The flags of `npm run compare`, and from them what is asked for; every fault at once. Pure. */

import type { TollgateConfig } from '../core/thresholds/config.ts';
import { COST_METRICS, type CostMetric } from '../regression/compare/contest.ts';
import { type FlagTable, helpText, type ParsedFlags } from './flags.ts';
import { type Faults, readInteger, readNames, readSeconds } from './values.ts';

/** One of each family, the leanest: a change of what all arms share shows in both. */
const DEFAULT_ARMS = ['session-redis-lean', 'jwt-hs256'];
const DEFAULT_BUDGET = '3m';
const DEFAULT_MARGIN_PCT = 2;

export const COMPARE_FLAGS = {
  base: { value: 'REF_OR_DIR', help: 'what to compare with: a branch, tag, commit or folder' },
  head: { value: 'REF_OR_DIR', help: 'what to judge (default: the working tree)' },
  arms: { value: 'LIST', help: `arms to compare (default: ${DEFAULT_ARMS.join(',')}, or the configuration’s)` },
  metric: { value: 'LIST', help: `any of ${COST_METRICS.join(', ')} (default: the first)` },
  margin: { value: 'PCT', help: `differences up to so many per cent pass (default: ${DEFAULT_MARGIN_PCT})` },
  budget: {
    value: 'TIME',
    help: `at most, installation aside (default: ${DEFAULT_BUDGET}); it ends as soon as all is known`,
  },
  seconds: { value: 'TIME', help: 'the same for each arm' },
  'guards-only': { help: 'count only: Redis commands, bytes, cookies, event-loop turns, allocations' },
  config: { value: 'FILE', help: 'limits and defaults (default: tollgate.config.json, where there is one)' },
  seed: { value: 'N', help: 'makes every random order repeatable (default: a fresh one)' },
  json: { help: 'print the result as one JSON object on stdout' },
  markdown: { value: 'FILE', help: 'write it for a pull request' },
  junit: { value: 'FILE', help: 'write it as JUnit XML' },
  help: { help: 'this page' },
} as const satisfies FlagTable;

export function compareHelp(): string {
  return helpText(
    'npm run compare -- --base REF_OR_DIR [flags]',
    'Runs two versions of the servers side by side and says what got slower.',
    COMPARE_FLAGS,
    [
      'A regression is a ratio whose whole 99 % interval lies above 1 and whose estimate exceeds the margin, or anything',
      'counted per request that rose. `same` is said only where the whole interval lies within the margin.',
      'Exit codes: 0 nothing got slower, 1 something did or a limit is broken, 2 wrong usage, 3 a version cannot be installed',
      'or started, 130 interrupted.',
    ],
  );
}

export interface CompareAsked {
  readonly base: string;
  readonly head: string | null;
  /** Null where nobody chose: the defaults that either build has. */
  readonly arms: readonly string[];
  readonly metrics: readonly CostMetric[];
  readonly marginPct: number;
  readonly budgetSeconds: number;
  readonly guardsOnly: boolean;
  readonly seed: number;
  readonly json: boolean;
  readonly markdown: string | null;
  readonly junit: string | null;
  readonly faults: readonly string[];
}

export function readPercent(flag: string, text: string, faults: Faults): number | null {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value > 0 && value <= 100) return value;
  faults.push(`--${flag}: ${JSON.stringify(text)} is not a per cent above 0, at most 100, such as 2 or 0.5`);
  return null;
}

export function readMetrics(text: string | undefined, faults: Faults): CostMetric[] {
  if (text === undefined) return [COST_METRICS[0]];
  const names = readNames('metric', text, COST_METRICS, faults);
  return COST_METRICS.filter((metric) => names.includes(metric));
}

/** @param known the arms that either build has; null before they are known, when any name will do */
export function readCompareFlags(
  parsed: ParsedFlags,
  config: TollgateConfig,
  known: readonly string[] | null,
  freshSeed: number,
): CompareAsked {
  const faults: Faults = [...parsed.faults];
  const { values, switches } = parsed;
  for (const word of parsed.positionals) faults.push(`${JSON.stringify(word)} is no flag: flags begin with --`);
  if (values.base === undefined && !parsed.faults.some((fault) => fault.startsWith('--base'))) {
    faults.push('--base is missing: say what to compare with, such as --base HEAD or --base origin/main');
  }
  const wanted = config.compare.arms ?? DEFAULT_ARMS;
  const named = values.arms === undefined ? wanted : values.arms.split(',');
  const arms = readNames('arms', named.join(','), known ?? named.map((name) => name.trim()), faults);
  const perArm = values.seconds === undefined ? null : readSeconds('seconds', values.seconds, faults);
  const budget = readSeconds('budget', values.budget ?? config.compare.budget ?? DEFAULT_BUDGET, faults);
  if (values.seconds !== undefined && values.budget !== undefined) {
    faults.push('--seconds is for each arm and --budget for all of them: give one');
  }
  return {
    base: values.base ?? '',
    head: values.head ?? null,
    arms,
    metrics: readMetrics(values.metric, faults),
    marginPct:
      values.margin === undefined
        ? (config.compare.marginPct ?? DEFAULT_MARGIN_PCT)
        : (readPercent('margin', values.margin, faults) ?? DEFAULT_MARGIN_PCT),
    budgetSeconds: perArm === null ? (budget ?? 1) : perArm * arms.length,
    guardsOnly: switches.has('guards-only'),
    seed: values.seed === undefined ? freshSeed : (readInteger('seed', values.seed, 0, 2 ** 31 - 1, faults) ?? 0),
    json: switches.has('json'),
    markdown: values.markdown ?? null,
    junit: values.junit ?? null,
    faults,
  };
}
