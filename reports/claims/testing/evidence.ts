/** Hand-made evidence for tests of the rules: arms as declared, figures as their experiments write them. */
import { METRICS, type Metric } from '../../../core/results/metrics.ts';
import type { Factors, Figure } from '../../../core/results/schema.ts';
import { armSummary } from '../../../core/results/testing/arm-summary.ts';
import { Evidence } from '../evidence.ts';

const ARMS = [
  ['none', 'none', 'none'],
  ['session-redis', 'session', 'redis'],
  ['session-redis-lean', 'session', 'redis'],
  ['session-memory', 'session', 'process'],
  ['session-cached', 'session', 'redis'],
  ['session-sealed', 'session', 'none'],
  ['jwt-hs256', 'token', 'none'],
  ['jwt-rs256', 'token', 'none'],
  ['jwt-cookie', 'token', 'none'],
  ['jwt-denylist', 'token', 'redis'],
  ['jwt-refresh', 'token', 'redis'],
  ['hybrid', 'combination', 'redis'],
  ['dual', 'combination', 'redis'],
] as const;

const arms = ARMS.map(([name, family, serverState]) =>
  armSummary(name, { role: family === 'none' ? 'baseline' : 'guarded', family, serverState }),
);

/** @param bounds the value alone if it was counted, otherwise its interval, with the value in the middle */
export function row(
  experiment: string,
  arm: string | null,
  metric: Metric,
  bounds: number | readonly [low: number, high: number],
  factors: Factors = {},
): Figure {
  const [low, high] = typeof bounds === 'number' ? [bounds, bounds] : bounds;
  return {
    experiment,
    arm,
    factors,
    metric,
    unit: METRICS[metric].unit,
    value: (low + high) / 2,
    low,
    high,
    confidence: 0.95,
    blocks: 20,
    forks: 3,
    source: 'measured',
    flags: [],
  };
}

export const evidence = (...figures: readonly Figure[]) => new Evidence(figures, arms);

/** The longest life of a revoked credential: from the last acceptance to the first refusal, in ms. */
export function lag(arm: string, bounds: readonly [low: number, high: number], factors: Factors = {}): Figure {
  const asked = { kind: 'disable', operation: 'read', settings: 'deployed', quantile: 'max', ...factors };
  return { ...row('revocation', arm, 'revocation_lag_ms', bounds, asked), value: bounds[0] };
}

/** An attack in the browser that always had the same outcome. */
export function attack(arm: string, name: string, succeeded: boolean, factors: Factors = {}): Figure {
  const asked = {
    attack: name,
    origin: 'cross-site',
    storage: 'httponly-cookie',
    same_site: 'lax',
    csrf: 'off',
    bodies: 'forms',
    third_party_cookies: 'allowed',
    stopped_by: succeeded ? 'nothing' : 'SameSite',
    ...factors,
  };
  return row('browser', arm, 'attack_succeeded', Number(succeeded), asked);
}
