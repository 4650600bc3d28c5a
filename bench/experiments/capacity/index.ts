/** How much load does it carry before an objective is missed? The highest open-loop rate at which the objective is met. */
import { armsByProfile, armsWhere, isReference } from '../../measuring/arms.ts';
import type { Experiment } from '../../measuring/experiment.ts';
import { analyseCapacity } from './analyse.ts';
import { CAPACITY, LEAST_SECONDS } from './plan.ts';

export const capacity: Experiment = {
  name: CAPACITY,
  question: 'How much load does it carry before an objective is missed?',
  inQuick: false,
  usesRedis: false,
  seconds: { quick: 90, full: 240 },
  leastSeconds: LEAST_SECONDS,
  // A search takes time for each arm, so the default is the reference pair.
  defaultArms: armsByProfile({
    quick: armsWhere(isReference),
    full: armsWhere(isReference),
  }),
  run: async (context) => (await import('./measure.ts')).measureCapacity(context),
  analyse: analyseCapacity,
  // The search needs an excessive load.
  provokes: () => true,
};
