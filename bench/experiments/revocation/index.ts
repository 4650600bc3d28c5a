/** How long does a revoked credential live? Logout, logout-all and disabling a user, seen from every replica. */
import { type ArmPredicate, armsInDepth, isPlainOr, needsCompanions } from '../../measuring/arms.ts';
import type { Experiment } from '../../measuring/experiment.ts';
import { analyseRevocation } from './analyse.ts';
import { REVOCATION } from './plan.ts';

/**
 * Each way to revoke a credential. A variant is measured if it may be revoked in another way than the plain arm: its
 * Redis state is read differently, or through a cache. State in one replica's memory is revoked along with it.
 */
const isRevokedInItsOwnWay: ArmPredicate = (arm) =>
  !arm.baseline &&
  !arm.needsStickyRouting &&
  (isPlainOr(arm) ||
    ((arm.usesRedis || needsCompanions(arm)) &&
      isPlainOr(arm, 'hand-tuned', 'cached', 'tracked', 'broadcast', 'both-credentials', 'edge')));

export const revocation: Experiment = {
  name: REVOCATION,
  question: 'How long does a revoked credential live?',
  inQuick: true,
  usesRedis: false,
  seconds: { quick: 8, full: 90 },
  leastSeconds: { once: 2, perArm: 0.5 },
  namedSeconds: 30,
  defaultArms: armsInDepth(isRevokedInItsOwnWay),
  run: async (context) => (await import('./measure.ts')).measureRevocation(context),
  analyse: analyseRevocation,
};
