/**
 * What do big claims cost? The same request by users with more and more roles: in a token they travel with every request,
 * in a session they lie in Redis. The reply to `GET /me` names the roles in every arm, and so in the baseline it is compared with.
 */

import { type ArmPredicate, armsInDepth, isPlainOr } from '../../measuring/arms.ts';
import type { Experiment } from '../../measuring/experiment.ts';
import { analysePayload, PAYLOAD } from './analyse.ts';

/** What the client carries itself, in a header or a cookie; some carry a proof beside it. */
const carriesRoles: ArmPredicate = (arm) =>
  (arm.serverState === 'none' || arm.senderConstrained === true) && isPlainOr(arm, 'cookie');
/** What Redis keeps: as the plugin writes it, and as one would by hand. */
const keepsRoles: ArmPredicate = (arm) => arm.family === 'session' && arm.usesRedis && isPlainOr(arm, 'hand-tuned');

export const payload: Experiment = {
  name: PAYLOAD,
  question: 'What do big claims cost?',
  inQuick: false,
  usesRedis: false,
  seconds: { quick: 40, full: 120 },
  leastSeconds: { once: 2, perArm: 1.5 },
  defaultArms: armsInDepth((arm) => carriesRoles(arm) || keepsRoles(arm)),
  run: async (context) => (await import('./measure.ts')).measurePayload(context),
  analyse: analysePayload,
};
