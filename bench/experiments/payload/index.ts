/**
 * What do big claims cost? The same request by users with more and more roles: a token carries them in every request,
 * a session stores them in Redis. The response to `GET /me` lists the roles in every arm, including the baseline.
 */

import { type ArmPredicate, armsInDepth, isPlainOr } from '../../measuring/arms.ts';
import type { Experiment } from '../../measuring/experiment.ts';
import { analysePayload, PAYLOAD } from './analyse.ts';

/** Arms with a client-side credential, in a header or a cookie; some add a proof. */
const carriesRoles: ArmPredicate = (arm) =>
  (arm.serverState === 'none' || arm.senderConstrained === true) && isPlainOr(arm, 'cookie');
/** Arms that store roles in Redis: as the plugin writes them, and by hand. */
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
