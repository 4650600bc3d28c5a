/**
 * A chain of services that a request passes from its edge to the last one, each a replica that forwards to the next over
 * loopback. All ends with the fleet that it belongs to.
 */
import type { ChainPlace } from '../../servers/configuration.ts';
import { authorityOf } from '../load/connection/authority.ts';
import type { Replica } from './replica.ts';

/**
 * Where the credential is checked: at the edge, which passes a signed identity on; at every hop by the arm's own check;
 * or at a separate auth service, a replica of the arm that every hop asks. An arm with an edge of its own has it in front of
 * the first service; every service then checks what that edge exchanged the credential for.
 */
export type ChainChecks = 'edge' | 'every-hop' | 'auth-service';

export interface ChainSpec {
  readonly checks: ChainChecks;
  /** The number of services from the edge to the last one, 1 or more. */
  readonly services: number;
}

/** How many processes it has, an auth service included. */
export function processesIn({ checks, services }: ChainSpec): number {
  return services + (checks === 'auth-service' ? 1 : 0);
}

/** Where users log in: the service that checks credentials also issues them. @param replicas the edge first, an auth service last */
export function doorsOf({ checks }: ChainSpec, replicas: readonly Replica[]): readonly Replica[] {
  return checks === 'auth-service' ? replicas.slice(-1) : replicas.slice(0, 1);
}

const urlOf = ({ address }: Pick<Replica, 'address'>) => `http://${authorityOf(address)}`;

/** @param index 0 for the edge */
function checksAt(checks: ChainChecks, index: number): ChainPlace['checks'] {
  if (checks === 'auth-service') return 'asked';
  return checks === 'every-hop' || index === 0 ? 'own' : 'passed-on';
}

/**
 * Starts the chain from its end, since each service needs the address of the next one.
 * @param start starts one replica at its place; that of an auth service is to check and to forward nothing
 */
export async function startChain(
  { checks, services }: ChainSpec,
  start: (place: ChainPlace) => Promise<Replica>,
): Promise<void> {
  const authService = checks === 'auth-service' ? await start({ checks: 'own' }) : null;
  let next: Replica | null = null;
  for (let index = services - 1; index >= 0; index--) {
    next = await start({
      checks: checksAt(checks, index),
      ...(index === 0 ? {} : { inner: true }),
      ...(authService === null ? {} : { authService: urlOf(authService) }),
      ...(next === null ? {} : { next: { url: urlOf(next), sends: checks === 'edge' ? 'identity' : 'credential' } }),
    });
  }
}
