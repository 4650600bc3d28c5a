/**
 * Adapts an arm to its place in a chain: a service that checks no credentials needs neither its scheme nor its stores, and
 * one behind another service has no edge of its own.
 */
import type { Arm } from '../arms.ts';
import type { ChainPlace } from '../configuration.ts';
import { StartError } from '../errors.ts';

/** @throws StartError BAD_START if the place lacks the auth service that it asks */
export function armAt(arm: Arm, { checks, authService, inner }: ChainPlace): Arm {
  if (checks === 'own') return inner === true ? withoutEdge(arm) : arm;
  const { companions: _companions, ...info } = withoutEdge(arm).info;
  const bare = { ...info, usesRedis: false };
  if (checks === 'passed-on')
    return { info: bare, load: async () => (await import('../schemes/chain/chain-schemes.ts')).passedOn };
  if (authService === undefined)
    throw new StartError('BAD_START', 'A service that asks an auth service needs its address: set chain.authService.');
  return {
    info: bare,
    load: async () => (await import('../schemes/chain/chain-schemes.ts')).authServiceScheme(authService),
  };
}

function withoutEdge(arm: Arm): Arm {
  const { loadEdge: _edge, ...rest } = arm;
  const { hasEdge: _hasEdge, ...info } = arm.info;
  return { ...rest, info };
}
