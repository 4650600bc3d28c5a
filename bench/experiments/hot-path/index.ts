/**
 * Where do the microseconds go? Isolated primitives, and their sum compared with the measured toll; in full, also the
 * cost of essential primitives in a server, and CPU profiles of whole requests, by package.
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
  // In quick it explains the toll of the measured arms, and starts none itself. In full each profiled arm has to be
  // warmed up in every fork, and there is time for one of each kind.
  defaultArms: armsByProfile({ quick: () => [], full: representativeArms }),
  run: async (context) => (await import('./measure.ts')).measureHotPath(context),
  analyse: analyseHotPath,
};
