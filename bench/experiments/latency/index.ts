/** What do users feel at a given load? Open loop at fixed shares of each arm's own measured capacity. */
import { armsByProfile, armsWhere, isHandTunedInRedis, isReference } from '../../measuring/arms.ts';
import type { Experiment } from '../../measuring/experiment.ts';
import { analyseLatency, latencyCells } from './analyse.ts';
import { LATENCY } from './plan.ts';

export const latency: Experiment = {
  name: LATENCY,
  question: 'What do users feel at a given load?',
  inQuick: true,
  usesRedis: false,
  onHosts: true,
  seconds: { quick: 16, full: 270 },
  leastSeconds: { once: 2, perArm: 1.5 },
  namedSeconds: 75,
  // Each load of each arm takes seconds in every fork: with all arms there would be time for only one or two forks.
  defaultArms: armsByProfile({
    quick: armsWhere(isReference),
    full: armsWhere((arm) => arm.baseline || isReference(arm) || isHandTunedInRedis(arm)),
  }),
  run: async (context) => (await import('./measure.ts')).measureLatency(context),
  analyse: analyseLatency,
  histogramSlices: (slices) => latencyCells(slices).flat(),
};
