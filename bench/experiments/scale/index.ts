/**
 * How does throughput grow over 1..N replicas, and what stops it? Equal CPU shares; every N of every arm once per
 * block, with those of an arm in succession, because they are compared.
 */

import type { ArmSummary } from '../../../core/results/arms.ts';
import type { Slice } from '../../../core/results/schema.ts';
import { armsByProfile, armsWhere, isReference, showsTheStore } from '../../measuring/arms.ts';
import type { Experiment } from '../../measuring/experiment.ts';
import { analyseScale } from './analyse.ts';
import { beyondFigures } from './beyond.ts';

export const SCALE = 'scale';

/** Whether requests reach replicas that do not know their credential: the arm needs sticky routing, and this slice lacks it. */
function isWithoutItsReplica({ arm, factors }: Slice, arms: readonly ArmSummary[]): boolean {
  const needsIt = arms.some(({ name, declares }) => name === arm && declares?.needsStickyRouting === true);
  return needsIt && Number(factors.replicas) > 1 && factors.spreading !== 'sticky';
}

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
    // Each arm has several replicas to start and warm up, so the baseline is left to the full profile. An arm that
    // fails on two replicas without sticky routing would mostly return refusals.
    quick: armsWhere((arm) => isReference(arm) && !arm.needsStickyRouting),
    // The arm that needs sticky routing shows the effect of its absence.
    full: armsWhere((arm) => arm.baseline || showsTheStore(arm) || arm.needsStickyRouting),
  }),
  run: async (context) => (await import('./measure.ts')).measureScale(context),
  analyse: analyseScale,
  extrapolate: beyondFigures,
  provokes: isWithoutItsReplica,
};
