/** What does state cost? Copies the entries of one login with fresh ids; measures their bytes, lookups, and expiry. */
import { type ArmPredicate, armsByProfile, armsWhere, isPlainOr } from '../../measuring/arms.ts';
import type { Experiment } from '../../measuring/experiment.ts';
import { analyseStore } from './analyse.ts';
import { LEFT_OUT, STORE } from './plan.ts';

/** A combination stores the same as its parts. Used proofs belong to requests, not to logins. */
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
    // A hand-written session has another record.
    full: armsWhere((arm) => storesInRedis(arm) && isPlainOr(arm, 'hand-tuned')),
  }),
  run: async (context) => (await import('./measure.ts')).measureStore(context),
  analyse: analyseStore,
};
