/**
 * What do TLS, rate limits, security headers, metrics and traces add, and does the choice of scheme still matter?
 * Every arm with every layer in the same blocks, so that a layer is compared with the same arm without it.
 */

import { fewArms } from '../../measuring/arms.ts';
import type { Experiment } from '../../measuring/experiment.ts';
import { analyseLayers, LAYERS_EXPERIMENT } from './analyse.ts';

export const layers: Experiment = {
  name: LAYERS_EXPERIMENT,
  question:
    'What do TLS, rate limits, security headers, metrics and traces add, and does the choice of scheme still matter?',
  inQuick: false,
  usesRedis: true,
  seconds: { quick: 40, full: 150 },
  leastSeconds: { once: 3, perArm: 1.5 },
  defaultArms: fewArms,
  run: async (context) => (await import('./measure.ts')).measureLayers(context),
  analyse: analyseLayers,
};
