/** What does state cost? What one login leaves in Redis, multiplied with fresh ids; its bytes, lookups among it, its end. */
import { type ArmPredicate, armsByProfile, armsWhere, isPlainOr } from '../../measuring/arms.ts';
import type { Experiment } from '../../measuring/experiment.ts';
import { analyseStore } from './analyse.ts';
import { LEFT_OUT, STORE } from './plan.ts';

/** A combination stores what the arms store that it is made of. Used proofs belong to requests, and not to logins. */
const storesInRedis: ArmPredicate = ({ serverState, stores = [], family }) =>
  serverState === 'redis' && stores.some((state) => state !== 'used-proof') && family !== 'combination';

export const store: Experiment = {
  name: STORE,
  question: 'What does state cost?',
  inQuick: false,
  usesRedis: false,
  leavesOut: LEFT_OUT,
  seconds: { quick: 30, full: 120 },
  leastSeconds: { once: 3, perArm: 0 },
  defaultArms: armsByProfile({
    quick: armsWhere((arm) => storesInRedis(arm) && isPlainOr(arm)),
    // Written by hand, a session is another record.
    full: armsWhere((arm) => storesInRedis(arm) && isPlainOr(arm, 'hand-tuned')),
  }),
  run: async (context) => (await import('./measure.ts')).measureStore(context),
  analyse: analyseStore,
};
