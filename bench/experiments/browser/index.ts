/** What does a browser really protect? Attacks and honest pages in a real Chromium, judged by the server's own record. */

import {
  type ArmPredicate,
  armsByProfile,
  armsWhere,
  isPlainOr,
  isReference,
  needsCompanions,
} from '../../measuring/arms.ts';
import type { Experiment } from '../../measuring/experiment.ts';
import { analyseBrowser } from './analyse.ts';
import { BROWSER } from './plan.ts';

/**
 * Each place of a credential in the browser. To a browser, a session in memory is one more cookie; a token that the
 * server looks up in a denylist, or by introspection, is one more token; and an encrypted token is one more sealed
 * session.
 */
const differsInTheBrowser: ArmPredicate = (arm) => {
  const storesDenylistAlone = arm.stores?.length === 1 && arm.stores[0] === 'denylist';
  const isOneMore =
    arm.serverState === 'process' || storesDenylistAlone || arm.tokenEncryption !== undefined || needsCompanions(arm);
  return !arm.baseline && !isOneMore && isPlainOr(arm, 'cookie', 'both-credentials');
};

/** One arm for each of these places, since a browser treats the others in the same way. */
const showsItsPlace: ArmPredicate = (arm) =>
  differsInTheBrowser(arm) && (isReference(arm) || arm.variant === 'cookie' || arm.variant === 'both-credentials');

export const browser: Experiment = {
  name: BROWSER,
  question: 'What does a browser really protect?',
  inQuick: true,
  usesRedis: false,
  failsAlone: true,
  seconds: { quick: 12, full: 75 },
  leastSeconds: { once: 2, perArm: 0.5 },
  namedSeconds: 30,
  defaultArms: armsByProfile({ quick: armsWhere(showsItsPlace), full: armsWhere(differsInTheBrowser) }),
  run: async (context) => (await import('./measure.ts')).measureBrowser(context),
  analyse: analyseBrowser,
};
