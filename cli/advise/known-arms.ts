/** All existing arms, whether or not a run measured them. */
import { promisesOf } from '../../bench/run/promises.ts';
import type { ArmFacts } from '../../core/advise/evidence.ts';
import { copiesIn } from '../../core/advise/from-run.ts';
import { ARMS } from '../../servers/arms.ts';

export function knownArms(): readonly ArmFacts[] {
  return ARMS.map(({ info }) => {
    const { name, title, family, serverState, stores = [], variant = null, tokenAlgorithm = null } = info;
    const copies = copiesIn({ serverState, stores, variant, hotPath: info.hotPath ?? null });
    const facts = { name, title, family, serverState, stores, variant, tokenAlgorithm };
    return { ...facts, copiesIn: copies, remembers: info.remembers ?? null, declares: promisesOf(info) };
  });
}
