/** Limits for `tollgate.config.json` that fail once a decision's figures no longer hold. Pure. */

import type { Advice } from './advise.ts';
import type { RunEvidence } from './evidence.ts';
import type { Needs } from './needs.ts';
import { pairOf } from './order.ts';

/** A request may cost this much more than measured before the decision should be reviewed. */
const ROOM = 1.1;

export interface Confirmation {
  /** Limits by arm. */
  readonly thresholds: Readonly<Record<string, readonly string[]>>;
  /** The command that measures every limited figure. */
  readonly command: string;
}

const roundedUp = (value: number) => Math.ceil(value * 100) / 100;

/** @param chosen one of the first arms @returns null if a run could check nothing */
export function confirmationOf(run: RunEvidence, needs: Needs, advice: Advice, chosen: string): Confirmation | null {
  const limits: [string, string][] = [];
  const experiments = new Set<string>();
  const others = advice.ranked.map(({ name }) => name).filter((name) => name !== chosen);
  const metric = run.ratiosIncludeRedis ? 'total_cpu_ratio' : 'cpu_ratio';
  const compared: string[] = [];
  for (const other of needs.prices === null && advice.certainty === 'supported' ? others : []) {
    const pair = pairOf(run, chosen, other);
    if (pair === null || pair.outcome === 'one sample' || pair.outcome === 'no difference') continue;
    const isLess = pair.outcome === 'less';
    compared.push(other);
    limits.push([pair.a, `${metric}_to_arm{against=${pair.b}} ${isLess ? '<' : '>'} 1`]);
  }
  const arm = run.arms.find(({ name }) => name === chosen);
  const base = run.baselineCpuUs;
  if (arm?.toBaseline) limits.push([chosen, `${arm.toBaseline.metric} <= ${roundedUp(arm.toBaseline.high * ROOM)}`]);
  if (base !== null && limits.length > 0) experiments.add('toll');
  const lag = (operation: string, ms: number | null) => {
    if (ms === null) return;
    experiments.add('revocation');
    limits.push([chosen, `revocation_lag_ms{quantile=max,settings=deployed,operation=${operation}} <= ${ms}`]);
  };
  lag('read', needs.revokeWithinMs);
  if (needs.criticalWithinMs !== needs.revokeWithinMs && needs.criticalShare > 0)
    lag('critical', needs.criticalWithinMs);
  if (limits.length === 0) return null;
  const thresholds: Record<string, string[]> = {};
  for (const [name, limit] of limits) thresholds[name] = [...(thresholds[name] ?? []), limit];
  const arms = [...(run.baseline === null ? [] : [run.baseline]), chosen, ...compared];
  return {
    thresholds,
    command: `npm run bench -- --arms ${arms.join(',')} --experiments ${[...experiments].join(',')}`,
  };
}
