/** Which arms an experiment measures where the user named none. */
import type { ArmInfo } from '../../servers/contract.ts';
import type { Profile } from './experiment.ts';

/** One of each kind: enough to decide the debate's main question within two minutes. */
const REPRESENTATIVE = [
  'none',
  'session-redis',
  'session-redis-lean',
  'jwt-hs256',
  // A hand-tuned session beside no hand-tuned token would compare craft, not schemes.
  'jwt-hs256-lean',
  'jwt-rs256',
  'jwt-denylist',
  'hybrid',
];

/** For experiments that start many replicas of each arm. */
const FEW = ['none', 'session-redis', 'jwt-hs256'];

function chosen(all: readonly ArmInfo[], profile: Profile, quick: readonly string[]): readonly string[] {
  return all.filter(({ name }) => profile === 'full' || quick.includes(name)).map(({ name }) => name);
}

export const representativeArms = (all: readonly ArmInfo[], profile: Profile) => chosen(all, profile, REPRESENTATIVE);
export const fewArms = (all: readonly ArmInfo[], profile: Profile) => chosen(all, profile, FEW);
