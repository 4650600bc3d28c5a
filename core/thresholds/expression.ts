/**
 * Limits in the syntax of k6 thresholds: `cpu_toll_us < 60`, `latency_us{quantile=p99,load_pct=50} <= 2000`. The
 * braces select figures by their factors, and by the experiment that measured them. Pure.
 */
import { FACTOR_NAMES } from '../results/factors.ts';
import { METRIC_NAMES, METRICS_PAGE, type Metric } from '../results/metrics.ts';
import type { Factors } from '../results/schema.ts';

const OPERATORS = ['<=', '<', '>=', '>', '==', '!='] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Expression {
  readonly text: string;
  readonly metric: Metric;
  readonly factors: Factors;
  /** Null for any experiment. */
  readonly experiment: string | null;
  readonly operator: Operator;
  readonly limit: number;
}

export type Parsed =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly fault: string };

const SHAPE = /^\s*([A-Za-z_][\w]*)\s*(?:\{([^}]*)\})?\s*(<=|>=|==|!=|<|>|=)\s*(\S+)\s*$/;

/** The names that a limit may use. */
export interface Names {
  /** Every experiment that produces figures. */
  readonly experiments: readonly string[];
  /** Suggestions for a wrong name. */
  readonly near: (wrong: string, known: readonly string[], listedIn?: string) => string;
}

/** The key in the braces that is not a factor. */
const EXPERIMENT = 'experiment';

/** If a limit has several faults, its one line lists all of them. */
export function parseExpression(text: string, { experiments, near }: Names): Parsed {
  const fault = (...why: string[]): Parsed => ({ ok: false, fault: `${JSON.stringify(text)}: ${why.join(', and ')}` });
  const [, name = '', braces, operator = '', number = ''] = SHAPE.exec(text) ?? [];
  if (name === '') return fault('a limit is written as metric < number, such as cpu_toll_us < 60');
  const faults: string[] = [];
  const metric = METRIC_NAMES.find((known) => known === name);
  if (metric === undefined) faults.push(`there is no metric ${name}; ${near(name, METRIC_NAMES, METRICS_PAGE)}`);
  const known = OPERATORS.find((candidate) => candidate === operator);
  if (known === undefined) faults.push(`unknown comparison ${operator}: use one of ${OPERATORS.join(' ')}`);
  const limit = Number(number);
  if (!Number.isFinite(limit)) faults.push(`${number} is not a number`);
  const pairs = parsePairs(braces);
  if (pairs === null) return fault(...faults, `{${braces}} is not of the form {factor=value,factor=value}`);
  const { [EXPERIMENT]: experiment = null, ...factors } = pairs;
  for (const factor of Object.keys(factors)) {
    if (FACTOR_NAMES.includes(factor)) continue;
    faults.push(`there is no factor ${factor}; ${near(factor, [...FACTOR_NAMES, EXPERIMENT])}`);
  }
  if (experiment !== null && !experiments.includes(String(experiment))) {
    faults.push(`there is no experiment ${experiment}; ${near(String(experiment), experiments)}`);
  }
  if (metric === undefined || known === undefined || faults.length > 0) return fault(...faults);
  const chosen = experiment === null ? null : String(experiment);
  return {
    ok: true,
    expression: { text: text.trim(), metric, factors, experiment: chosen, operator: known, limit },
  };
}

function parsePairs(braces: string | undefined): Factors | null {
  const pairs = new Map<string, string | number>();
  for (const pair of (braces ?? '').split(',').map((part) => part.trim())) {
    if (pair === '') continue;
    const [, name = '', value = ''] = /^([A-Za-z_]\w*)\s*=\s*([^=]*[^=\s])$/.exec(pair) ?? [];
    if (name === '') return null;
    pairs.set(name, Number.isFinite(Number(value)) ? Number(value) : value);
  }
  return Object.fromEntries(pairs);
}
