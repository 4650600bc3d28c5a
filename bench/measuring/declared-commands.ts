/** Whether an arm asks Redis as often as it declares. Pure. */

import type { Flag } from '../../core/results/flags.ts';
import type { Slice } from '../../core/results/schema.ts';
import type { ArmInfo } from '../../servers/contract.ts';

/** A stray command, as of a login limit that expires, is no broken declaration; one in fifty requests is. */
const SLACK = 0.02;

/** @param slice of light reads alone; one without the count of commands, as with a shared Redis, shows nothing */
export function declarationFlags(
  arm: Pick<ArmInfo, 'redisCommandsPerRequest' | 'redisCommandsAreAtMost'>,
  { measures, requests }: Pick<Slice, 'measures' | 'requests'>,
): Flag[] {
  const { redis_commands: commands } = measures;
  if (commands === undefined || requests === 0) return [];
  const beyond = commands / requests - arm.redisCommandsPerRequest;
  const isBroken = beyond > SLACK || (beyond < -SLACK && arm.redisCommandsAreAtMost !== true);
  return isBroken ? ['declaration-broken'] : [];
}
