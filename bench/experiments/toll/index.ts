/** The headline: what does each arm add per request? Paired micro-batches, several fresh starts. */
import { allArms, armsByProfile, representativeArms } from '../../measuring/arms.ts';
import type { Experiment } from '../../measuring/experiment.ts';
import { analyseToll } from './analyse.ts';
import { TOLL } from './plan.ts';

export const toll: Experiment = {
  name: TOLL,
  question: 'What does each arm add per request?',
  inQuick: true,
  usesRedis: false,
  seconds: { quick: 60, full: 660 },
  leastSeconds: { once: 2.5, perArm: 1.2 },
  namedSeconds: 72,
  defaultArms: armsByProfile({ quick: representativeArms, full: allArms }),
  run: async (context) => (await import('./measure.ts')).measureToll(context),
  analyse: analyseToll,
};
