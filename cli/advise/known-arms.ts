/** The arms that exist, whether or not a run measured them. */
import { promisesOf } from '../../bench/run/promises.ts';
import type { ArmFacts } from '../../core/advise/evidence.ts';
import { ARMS } from '../../servers/arms.ts';

export function knownArms(): readonly ArmFacts[] {
  return ARMS.map(({ info }) => ({
    name: info.name,
    title: info.title,
    family: info.family,
    serverState: info.serverState,
    stores: info.stores ?? [],
    variant: info.variant ?? null,
    tokenAlgorithm: info.tokenAlgorithm ?? null,
    declares: promisesOf(info),
  }));
}
