/**
 * Adapts an arm to its place in a chain: a service that checks no credentials needs neither its scheme nor its stores.
 */
import type { Arm } from '../arms.ts';
import { StartError } from '../errors.ts';
import type { ChainPlace } from '../messages.ts';

/** @throws StartError BAD_START if the place lacks the auth service that it asks */
export function armAt(arm: Arm, { checks, authService }: ChainPlace): Arm {
  if (checks === 'own') return arm;
  const { companions: _companions, ...info } = arm.info;
  const bare = { ...info, usesRedis: false };
  if (checks === 'passed-on')
    return { info: bare, load: async () => (await import('../schemes/chain/chain-schemes.ts')).passedOn };
  if (authService === undefined)
    throw new StartError('BAD_START', 'A service that asks an auth service needs its address: set chain.authService.');
  return { info: bare, load: async () => (await import('../schemes/chain/chain-schemes.ts')).askedOf(authService) };
}
