/**
 * A chain of services that a request passes from its edge to the last one: each is a replica that forwards to the
 * next over loopback. It ends with its fleet.
 */
import type { ChainPlace } from '../../servers/configuration.ts';
import { authorityOf } from '../load/connection/authority.ts';
import type { Replica } from './replica.ts';

/**
 * Where the credential is checked: at the edge, which passes on a signed identity; at every hop by the arm's own
 * check; or at a separate auth service, a replica of the arm that every hop asks. If an arm has its own edge, it is
 * in front of the first service, and every service then checks the exchanged credential.
 */
export type ChainChecks = 'edge' | 'every-hop' | 'auth-service';

export interface ChainSpec {
  readonly checks: ChainChecks;
  /** The number of services from the edge to the last one, 1 or more. */
  readonly services: number;
}

/** The number of its processes, including an auth service. */
export function processesIn({ checks, services }: ChainSpec): number {
  return services + (checks === 'auth-service' ? 1 : 0);
}

/**
 * The replicas for logins: the services that check credentials also issue them. @param replicas the edge first, an
 * auth service last
 */
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
 * Starts the chain from its end, since each service needs the address of the next one. @param start starts one
 * replica at its place; an auth service checks, and forwards nothing
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
