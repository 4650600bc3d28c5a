/**
 * What do login, refresh and logout cost? Clients with their own state do each in turn, with all arms in the same
 * blocks. The password check, which is the same for all schemes, is measured separately. A storm of logins shows its
 * effect on other requests.
 */

import { type ArmPredicate, armsInDepth, isPlainOr } from '../../measuring/arms.ts';
import type { Experiment } from '../../measuring/experiment.ts';
import { analyseLifecycle, LIFECYCLE } from './analyse.ts';

/** Required or recommended by RFC 7518; others are rare. */
const COMMON_ALGORITHMS = ['HS256', 'RS256', 'ES256'];

/** Arms with a login that writes a session to Redis, by the plugin and by hand. */
const writesSession: ArmPredicate = (arm) => arm.family === 'session' && arm.usesRedis && isPlainOr(arm, 'hand-tuned');
/** Every way of issuing tokens. */
const issuesTokens: ArmPredicate = (arm) =>
  isPlainOr(arm, 'algorithm') && COMMON_ALGORITHMS.includes(arm.tokenAlgorithm ?? '');

export const lifecycle: Experiment = {
  name: LIFECYCLE,
  question: 'What do login, refresh and logout cost?',
  inQuick: false,
  usesRedis: false,
  seconds: { quick: 40, full: 120 },
  leastSeconds: { once: 3, perArm: 1.5 },
  defaultArms: armsInDepth((arm) => arm.baseline || writesSession(arm) || issuesTokens(arm)),
  run: async (context) => (await import('./measure.ts')).measureLifecycle(context),
  analyse: analyseLifecycle,
};
