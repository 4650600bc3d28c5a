/**
 * Clients that log in and revoke: users of our own arms by the endpoint contract, those of a service by its own
 * requests.
 */
import { runError } from '../../../core/errors.ts';
import { type ArmInfo, type LoginBody, ROUTES } from '../../../servers/contract.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import {
  type ForeignClients,
  type ForeignSession,
  type Judgement,
  REVOCATION_KINDS,
  type RevocationKind,
} from '../../fleet/foreign.ts';
import type { Replica } from '../../fleet/replica.ts';
import type { User } from '../../fleet/secrets.ts';
import { type Grant, unusedGrant } from '../../load/clients/credential.ts';
import { type Address, Connection } from '../../load/connection/connection.ts';
import { requestBytes } from '../../load/connection/request.ts';
import type { Response } from '../../load/connection/response.ts';
import { armLives, leftMs } from './lives.ts';
import { tokenEndMs } from './settings.ts';

/** The light read, and the state change that schemes check more closely. */
export type Operation = 'read' | 'critical';

export type CredentialKind = NonNullable<LoginBody['credential']>;

export interface Session {
  /** Its expiry time, ms since the epoch; null if unknown. */
  readonly endsAtMs: number | null;
  wireOf(operation: Operation, address: Address): Buffer;
  judge(response: Response, operation: Operation): Judgement;
  /**
   * Ends this credential, all of its user's, or its user's access. @returns false if it had already ended @throws
   * TollgateError if the response is unexpected; ConnectionError if the replica is gone
   */
  revoke(replica: Replica, kind: RevocationKind): Promise<boolean>;
}

export interface Client {
  /** @param credential null if the fleet has one kind */
  logIn(replica: Replica, credential: CredentialKind | null): Promise<Session>;
  /** Re-enables this user; null if that is impossible. */
  readonly restore: ((replica: Replica) => Promise<void>) | null;
}

export interface Clients {
  readonly all: readonly Client[];
  readonly kinds: readonly RevocationKind[];
  readonly operations: readonly Operation[];
}

const TRANSFER = { to: 'somebody', amount: 1 };

export function clientsOf(fleet: Fleet): Clients {
  const { foreign } = fleet;
  if (foreign !== undefined) return foreignClients(foreign.clients);
  const [admin] = fleet.users.slice(-1);
  if (admin === undefined) throw new TypeError('the fleet has no administrator');
  const all = fleet.users.slice(0, -1).map((user) => armClient(fleet.spec.arm, user, admin));
  return { all, kinds: REVOCATION_KINDS, operations: ['read', 'critical'] };
}

function armClient(arm: ArmInfo, user: User, admin: User): Client {
  // A shortened bound is no lifetime: the credential itself lives on.
  const lifeMs = arm.boundSetting === undefined ? armLives(arm).lifeMs : null;
  return {
    restore: null,
    async logIn({ address }, kind) {
      const credential = await unusedGrant(address, user, arm, kind ?? undefined);
      const { headers, stateChangeHeaders } = credential;
      return {
        endsAtMs: tokenEndMs(headers),
        wireOf: (operation, at) =>
          operation === 'read'
            ? requestBytes(at, { ...ROUTES.me, headers })
            : requestBytes(at, { ...ROUTES.transfer, headers: { ...headers, ...stateChangeHeaders }, body: TRANSFER }),
        judge: ({ status }) => (status === 200 ? 'accepted' : status === 401 || status === 403 ? 'refused' : 'other'),
        async revoke(replica, way) {
          if (way === 'disable') {
            const loggedInMs = performance.now();
            const right = await unusedGrant(replica.address, admin, arm);
            const path = ROUTES.disableUser.path.replace(':id', user.record.id);
            const endsAtMs = tokenEndMs(right.headers);
            const held = { session: { endsAtMs }, loggedInMs };
            const mayHaveEnded = () =>
              (endsAtMs ?? Number.POSITIVE_INFINITY) <= Date.now() ||
              (leftMs(held, lifeMs) ?? Number.POSITIVE_INFINITY) <= 0;
            return acknowledged(replica, { ...ROUTES.disableUser, path }, right, { way, mayHaveEnded });
          }
          const route = way === 'logout' ? ROUTES.logout : ROUTES.logoutAll;
          return acknowledged(replica, route, credential, { way, mayHaveEnded: () => true });
        },
      };
    },
  };
}

interface Revoking {
  readonly way: RevocationKind;
  /** Whether a refusal may mean that the credential of the request has expired. */
  readonly mayHaveEnded: () => boolean;
}

/**
 * @returns false if the credential of the request had already ended @throws TollgateError if the response is
 * unexpected; ConnectionError if the replica is gone
 */
async function acknowledged(
  { arm, address }: Replica,
  route: { readonly method: string; readonly path: string },
  { headers, stateChangeHeaders }: Grant,
  { way, mayHaveEnded }: Revoking,
): Promise<boolean> {
  const connection = await Connection.open(address);
  try {
    const wire = requestBytes(address, { ...route, headers: { ...headers, ...stateChangeHeaders } });
    const { status } = await connection.request(wire);
    if (status === 204) return true;
    if (status === 401 && mayHaveEnded()) return false;
    throw runError(
      `${way} at a replica of ${arm} returned ${status}`,
      `check the arm: npm run gate -- --arms ${arm}; if it passes, repeat the run on a less busy machine`,
    );
  } finally {
    connection.close();
  }
}

function foreignClients(clients: ForeignClients): Clients {
  const client = (user: number): Client => ({
    restore: ({ address }) => clients.restore(address, user),
    logIn: async ({ address }) => foreignSession(clients, user, await clients.logIn(address, user)),
  });
  return {
    all: Array.from({ length: clients.users }, (_, user) => client(user)),
    kinds: clients.kinds,
    operations: clients.hasCritical ? ['read', 'critical'] : ['read'],
  };
}

function foreignSession(clients: ForeignClients, user: number, session: ForeignSession): Session {
  return {
    endsAtMs: session.endsAtMs,
    wireOf: (operation, address) => {
      const wire = operation === 'read' ? session.read(address) : session.critical(address);
      if (wire === null) throw new TypeError('the service has no critical request');
      return wire;
    },
    judge: (response, operation) => clients.judge(response, operation, user),
    revoke: ({ address }, kind) => clients.revoke(address, kind, user, session),
  };
}
