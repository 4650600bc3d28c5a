/** Whether an arm sends as many Redis commands as it declares. Pure. */

import type { Flag } from '../../core/results/flags.ts';
import type { Slice } from '../../core/results/schema.ts';
import type { ArmInfo } from '../../servers/contract.ts';

/** A stray command, such as an expiring login limit, is no violation; one in fifty requests is. */
const SLACK = 0.02;

/**
 * @param slice of light reads only; one without a count of commands, as with a shared Redis, shows nothing @param
 * counted how long commands were counted, and for how many replicas
 */
export function declarationFlags(
  arm: Pick<ArmInfo, 'redisCommandsPerRequest' | 'redisCommandsAreAtMost' | 'redisCommandsPerSecond'>,
  { measures, requests }: Pick<Slice, 'measures' | 'requests'>,
  counted: { readonly durationMs: number; readonly replicas: number },
): Flag[] {
  const { redis_commands: commands } = measures;
  if (commands === undefined || requests === 0) return [];
  const beyond = commands / requests - arm.redisCommandsPerRequest;
  // Replicas send these by themselves, even while other arms have their turns.
  const byThemselves = ((arm.redisCommandsPerSecond ?? 0) * counted.replicas * counted.durationMs) / 1000;
  const isBroken = beyond - byThemselves / requests > SLACK || (beyond < -SLACK && arm.redisCommandsAreAtMost !== true);
  return isBroken ? ['declaration-broken'] : [];
}
