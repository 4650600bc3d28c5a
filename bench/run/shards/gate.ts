/** The security checks of all shards as one result. Pure. */
import { failedArms, type GateArm, type GateResult } from '../../../core/results/gate-schema.ts';

/**
 * An arm that failed in any shard has failed: its outcomes are those of the first shard in which it did.
 *
 * @param results of the shards that have one, in their order
 *
 * @returns null if none has
 */
export function mergedGate(results: readonly GateResult[]): GateResult | null {
  const [first] = results;
  if (first === undefined) return null;
  const arms = new Map<string, GateArm>();
  for (const result of results) {
    const failed = new Set(failedArms(result));
    for (const arm of result.arms) {
      const known = arms.get(arm.arm);
      const hasFailed = known?.outcomes.some(({ verdict }) => verdict === 'fail') ?? false;
      if (known === undefined || (failed.has(arm.arm) && !hasFailed)) arms.set(arm.arm, arm);
    }
  }
  return {
    ...first,
    startedAt: results.map(({ startedAt }) => startedAt).toSorted()[0] ?? first.startedAt,
    durationMs: results.reduce((sum, { durationMs }) => sum + durationMs, 0),
    quick: results.some(({ quick }) => quick),
    arms: [...arms.values()],
  };
}
