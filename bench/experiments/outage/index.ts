/**
 * What happens when Redis dies, hangs or returns, and when a replica dies? As clients see it under a steady open
 * load.
 */
import { armsInDepth, needsCompanions, needsRedisAlive, showsTheStore } from '../../measuring/arms.ts';
import type { Experiment } from '../../measuring/experiment.ts';
import { analyseOutage } from './analyse.ts';
import { FAULTS_LEFT_OUT, OUTAGE } from './plan.ts';

export const outage: Experiment = {
  name: OUTAGE,
  question: 'What happens when Redis dies, hangs or returns?',
  inQuick: false,
  usesRedis: false,
  leavesOut: FAULTS_LEFT_OUT,
  seconds: { quick: 45, full: 270 },
  leastSeconds: { once: 3, perArm: 2 },
  defaultArms: armsInDepth((arm) => arm.baseline || showsTheStore(arm) || needsRedisAlive(arm) || needsCompanions(arm)),
  run: async (context) => (await import('./measure.ts')).measureOutage(context),
  analyse: analyseOutage,
};
