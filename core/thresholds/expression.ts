/**
 * Limits as k6 writes its thresholds: `cpu_toll_us < 60`, `latency_us{quantile=p99,load_pct=50} <= 2000`. The braces
 * choose figures by their factors. Pure.
 */
import { METRIC_NAMES, type Metric } from '../results/metrics.ts';
import type { Factors } from '../results/schema.ts';

export const OPERATORS = ['<=', '<', '>=', '>', '==', '!='] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Expression {
  readonly text: string;
  readonly metric: Metric;
  readonly factors: Factors;
  readonly operator: Operator;
  readonly limit: number;
}

export type Parsed =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly fault: string };

const SHAPE = /^\s*([A-Za-z_][\w]*)\s*(?:\{([^}]*)\})?\s*(<=|>=|==|!=|<|>|=)\s*(\S+)\s*$/;

/** @param near says what a wrong name may have meant */
export function parseExpression(text: string, near: (wrong: string, known: readonly string[]) => string): Parsed {
  const fault = (why: string): Parsed => ({ ok: false, fault: `${JSON.stringify(text)}: ${why}` });
  const [, name = '', braces, operator = '', number = ''] = SHAPE.exec(text) ?? [];
  if (name === '') return fault('a limit is written as metric < number, such as cpu_toll_us < 60');
  const metric = METRIC_NAMES.find((known) => known === name);
  if (metric === undefined) return fault(`there is no metric ${name}; ${near(name, METRIC_NAMES)}`);
  const known = OPERATORS.find((candidate) => candidate === operator);
  if (known === undefined) return fault(`${operator} is no comparison: use one of ${OPERATORS.join(' ')}`);
  const limit = Number(number);
  if (!Number.isFinite(limit)) return fault(`${number} is not a number`);
  const factors = parseFactors(braces);
  if (factors === null) return fault(`{${braces}} is not of the form {factor=value,factor=value}`);
  return { ok: true, expression: { text: text.trim(), metric, factors, operator: known, limit } };
}

function parseFactors(braces: string | undefined): Factors | null {
  const factors: Record<string, string | number> = {};
  for (const pair of (braces ?? '').split(',').map((part) => part.trim())) {
    if (pair === '') continue;
    const [, name = '', value = ''] = /^([A-Za-z_]\w*)\s*=\s*([^=\s]+)$/.exec(pair) ?? [];
    if (name === '') return null;
    factors[name] = Number.isFinite(Number(value)) ? Number(value) : value;
  }
  return factors;
}
