/** The requests during a fault: guarded reads, public ones, and reads with a revoked credential. */

import { runError } from '../../../core/errors.ts';
import type { Random } from '../../../core/stats/random.ts';
import { type ArmInfo, ROUTES } from '../../../servers/contract.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { ForeignClients } from '../../fleet/foreign.ts';
import type { Replica } from '../../fleet/replica.ts';
import { type Credential, login } from '../../load/clients/credential.ts';
import { Connection } from '../../load/connection/connection.ts';
import { requestBytes, wireRequest } from '../../load/connection/request.ts';
import type { Outcome, TimelineOptions } from '../../load/timeline/protocol.ts';

/** `me` with a valid credential, `public` without one, `revoked`: `me` with one that was logged out. */
export const ROUTES_WATCHED = ['me', 'public', 'revoked'] as const;
export type Route = (typeof ROUTES_WATCHED)[number];

/** Most figures are about guarded requests; the total rate is far below any limit. */
const RATES: Readonly<Record<Route, number>> = { me: 100, public: 20, revoked: 20 };
const USERS = 8;

type Stream = TimelineOptions['streams'][number];

export function streamKey(fleet: string, route: Route): string {
  return `${fleet} ${route}`;
}

/** The expected outcomes while nothing is broken. */
export function expectedOutcomes(route: Route, { revocation }: Pick<ArmInfo, 'revocation'>): readonly Outcome[] {
  if (route !== 'revoked') return ['accepted'];
  // If only expiry ends it, either is possible; others must refuse it.
  return revocation === 'at-once' ? ['refused'] : ['accepted', 'refused'];
}

/**
 * Logs in again, so that faults do not affect each other, and revokes one credential. @param key of the fleet within
 * the load @throws LoginError, ConnectionError or TollgateError if that does not go as the contract says
 */
export async function streamsOf(fleet: Fleet, key: string, random: Random): Promise<Stream[]> {
  const { replicas, spec, foreign } = fleet;
  if (foreign !== undefined) return streamsOfService(replicas, foreign.clients, key);
  const { baseline } = spec.arm;
  const users = random.shuffle(fleet.users.slice(0, -1)).slice(0, USERS + 1);
  const credentials: Credential[] = [];
  for (const [i, user] of users.entries()) {
    const replica = replicas[i % replicas.length];
    if (replica !== undefined) credentials.push(await login(replica.address, user, spec.arm));
  }
  const revoked = credentials.pop();
  const stream = (route: Route, requests: Stream['requests']): Stream => ({
    key: streamKey(key, route),
    ratePerSecond: RATES[route],
    requests,
  });
  const onAll = (each: (replica: Replica) => Stream['requests'][number]) => replicas.map(each);
  const streams = [
    stream(
      'me',
      credentials.flatMap((credential) => onAll((replica) => readMe(replica, credential))),
    ),
    stream(
      'public',
      onAll(({ address }) => ({ ...address, ...wireRequest(address, ROUTES.public) })),
    ),
  ];
  const [first] = replicas;
  // The baseline has no guard, so nothing can be revoked.
  if (baseline || revoked === undefined || first === undefined) return streams;
  await logOut(first, revoked);
  return [
    ...streams,
    stream(
      'revoked',
      onAll((replica) => readMe(replica, revoked)),
    ),
  ];
}

/**
 * The same with a service's own requests: several sessions of each user, except for the last user, who has only the
 * one that is revoked.
 */
async function streamsOfService(replicas: readonly Replica[], clients: ForeignClients, key: string): Promise<Stream[]> {
  const [first] = replicas;
  if (first === undefined) return [];
  const logIn = async (number: number) => {
    const user = number % clients.users;
    const { address } = replicas[number % replicas.length] ?? first;
    return { user, session: await clients.logIn(address, user) };
  };
  const mayRevoke = clients.kinds.includes('logout');
  // A logout may end all sessions of its user, so it comes before any other login.
  const revoked = mayRevoke ? await logIn(clients.users - 1) : null;
  if (revoked !== null) await clients.revoke(first.address, 'logout', revoked.user, revoked.session);
  const held = [];
  for (let number = 0; number < Math.min(USERS, clients.users); number++) held.push(await logIn(number));
  const stream = (route: Route, requests: Stream['requests']): Stream[] =>
    requests.length === 0 ? [] : [{ key: streamKey(key, route), ratePerSecond: RATES[route], requests }];
  const read = ({ user, session }: Awaited<ReturnType<typeof logIn>>) =>
    replicas.map(({ address }) => ({
      ...address,
      wire: wireOf(session.read(address)),
      judge: clients.judgeRead(user),
    }));
  const open = replicas.flatMap(({ address }) => {
    const bytes = clients.open(address);
    return bytes === null ? [] : [{ ...address, wire: wireOf(bytes.wire), judge: { accepts: [...bytes.accepts] } }];
  });
  return [
    ...stream('me', held.flatMap(read)),
    ...stream('public', open),
    ...stream('revoked', revoked === null ? [] : read(revoked)),
  ];
}

const wireOf = (bytes: Buffer) => bytes.toString('latin1');

function readMe({ address }: Replica, { headers, meBody }: Credential): Stream['requests'][number] {
  const { host, port } = address;
  return { host, port, ...wireRequest(address, { ...ROUTES.me, headers }), expectBody: meBody };
}

async function logOut({ arm, address }: Replica, { headers, stateChangeHeaders }: Credential): Promise<void> {
  const connection = await Connection.open(address);
  try {
    const wire = requestBytes(address, { ...ROUTES.logout, headers: { ...headers, ...stateChangeHeaders } });
    const { status } = await connection.request(wire);
    if (status !== 204)
      throw runError(
        `logout at a replica of ${arm} returned ${status}`,
        `check the arm: npm run gate -- --arms ${arm}`,
      );
  } finally {
    connection.close();
  }
}
