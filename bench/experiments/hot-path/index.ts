/**
 * Where do the microseconds go? Primitives timed alone, and their sum against the measured toll; in full also what the
 * ones that a scheme cannot do without cost in a server, and CPU profiles of whole requests, by package.
 */

import { armsByProfile, representativeArms } from '../../measuring/arms.ts';
import type { Experiment } from '../../measuring/experiment.ts';
import { analyseHotPath, HOT_PATH } from './analyse.ts';

export const hotPath: Experiment = {
  name: HOT_PATH,
  question: 'Where do the microseconds go?',
  inQuick: true,
  usesRedis: true,
  seconds: { quick: 6, full: 320 },
  leastSeconds: { once: 5, perArm: 0 },
  namedSeconds: 12,
  // In quick it explains the toll of the arms that were measured, and loads none itself. In full each arm that is profiled
  // has to be warmed up in every fork: one of each kind fits.
  defaultArms: armsByProfile({ quick: () => [], full: representativeArms }),
  run: async (context) => (await import('./measure.ts')).measureHotPath(context),
  analyse: analyseHotPath,
};
