/**
 * How does throughput grow over 1..N replicas, and what stops it? Equal CPU shares; every N of every arm once per block,
 * those of an arm one after the other, since they are what is compared.
 */

import { armsByProfile, armsWhere, isReference, showsTheStore } from '../../measuring/arms.ts';
import type { Experiment } from '../../measuring/experiment.ts';
import { analyseScale } from './analyse.ts';
import { beyondFigures } from './beyond.ts';

export const SCALE = 'scale';

export const scale: Experiment = {
  name: SCALE,
  question: 'How does throughput grow over 1 to N replicas, and what stops it?',
  inQuick: true,
  usesRedis: false,
  onHosts: true,
  seconds: { quick: 18, full: 840 },
  leastSeconds: { once: 2, perArm: 2.5 },
  namedSeconds: 27,
  defaultArms: armsByProfile({
    // Each arm has several replicas to start and warm up, so the baseline is left to the full profile. An arm that is wrong on
    // two replicas without sticky routing would only be measured refusing.
    quick: armsWhere((arm) => isReference(arm) && !arm.needsStickyRouting),
    // The one that needs sticky routing shows what it does without.
    full: armsWhere((arm) => arm.baseline || showsTheStore(arm) || arm.needsStickyRouting),
  }),
  run: async (context) => (await import('./measure.ts')).measureScale(context),
  analyse: analyseScale,
  extrapolate: beyondFigures,
};
