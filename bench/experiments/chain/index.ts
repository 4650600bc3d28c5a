/**
 * What do checks cost in a chain of services, depending on where they are made? An edge and two inner services, each
 * a process, with the credential checked at the edge alone, at every hop, or at an auth service that every hop asks.
 * And from how many services does an edge that exchanges the credential pay off?
 */
import { type ArmPredicate, armsByProfile, armsWhere, isPlainOr, isReference } from '../../measuring/arms.ts';
import type { Experiment } from '../../measuring/experiment.ts';
import { analyseChain } from './analyse.ts';
import { CHAIN, fitsChain } from './plan.ts';

/** A session and a token only: each arm needs several chains of processes, which must start and warm up. */
const isDebated: ArmPredicate = (arm) => arm.baseline || isReference(arm);
/** Arms that ask an authorization server on every request, or once for all services. */
const asksIssuer: ArmPredicate = (arm) => arm.serverState === 'issuer' && isPlainOr(arm, 'edge') && fitsChain(arm);

export const chain: Experiment = {
  name: CHAIN,
  question: 'Where in a chain of services should credentials be checked, and what does each hop add?',
  inQuick: false,
  usesRedis: false,
  seconds: { quick: 160, full: 330 },
  leastSeconds: { once: 6, perArm: 12 },
  defaultArms: armsByProfile({
    quick: armsWhere(isDebated),
    full: armsWhere((arm) => isDebated(arm) || asksIssuer(arm)),
  }),
  run: async (context) => (await import('./measure.ts')).measureChain(context),
  analyse: analyseChain,
};
