/**
 * What does a remote Redis cost? A proxy process delays its replies; measures throughput and latency against the
 * round trip.
 */
import {
  alwaysAsksRedis,
  armsByProfile,
  armsWhere,
  isHandTunedInRedis,
  isInDepth,
  isPlainOr,
  isReference,
  showsTheStore,
} from '../../measuring/arms.ts';
import type { Experiment } from '../../measuring/experiment.ts';
import { analyseDistance } from './analyse.ts';
import { DISTANCE } from './plan.ts';

export const distance: Experiment = {
  name: DISTANCE,
  question: 'What does a remote Redis cost?',
  inQuick: false,
  usesRedis: false,
  seconds: { quick: 45, full: 120 },
  leastSeconds: { once: 3, perArm: 2 },
  defaultArms: armsByProfile({
    // Arms that always ask Redis, and one that never does, as a control.
    quick: armsWhere(
      (arm) => !arm.baseline && !isInDepth(arm) && isPlainOr(arm) && (isReference(arm) || alwaysAsksRedis(arm)),
    ),
    full: armsWhere((arm) => showsTheStore(arm) || isHandTunedInRedis(arm)),
  }),
  run: async (context) => (await import('./measure.ts')).measureDistance(context),
  analyse: analyseDistance,
};
