/** A service as a fleet of a run: restarted for each fork, with requests that its sessions repeat. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet, FleetEnvironment, FleetSpec, ForeignStart } from '../../bench/fleet/fleet.ts';
import type { ForeignClients } from '../../bench/fleet/foreign.ts';
import type { Replica } from '../../bench/fleet/replica.ts';
import type { Endpoint } from '../../bench/gate/http.ts';
import type { PreparedRequest } from '../../bench/load/protocol.ts';
import { textOf } from '../../bench/processes/groups/cgroups.ts';
import { afterEnding, runError } from '../../core/errors.ts';
import { stopInOrder } from '../../core/stop-in-order.ts';
import type { Request } from '../config/request-schema.ts';
import type { Service } from '../config/service.ts';
import { type LoggedIn, logIn, sent, shown } from '../flow/login.ts';
import { type ClientCredentials, callOf, NOTHING } from '../flow/requests.ts';
import { isSuccess } from '../flow/success.ts';
import { type ServiceFleet, startService } from '../process/fleet.ts';
import { CommandGroup } from '../process/group.ts';
import { type WatchedStores, watchStores } from '../store/watch.ts';
import { clientsOf } from './clients.ts';

/** The two arms of a service: its guarded request, and its public one, which is the baseline of the guarded one. */
export type Side = 'guarded' | 'public';

/**
 * @param signal aborts a start in progress
 *
 * @param onNote gets a line about events besides the measurement
 */
export function startOf(
  service: Service,
  side: Side,
  { signal, onNote }: { readonly signal: AbortSignal; readonly onNote: (text: string) => void },
): ForeignStart {
  return async (environment, spec) => {
    const { launch } = service;
    if (launch === null) throw runError(`${service.name} runs at URLs, so its CPU time cannot be read`, 'give start');
    const own = { ...service, launch: { ...launch, replicas: spec.replicas } };
    const { janitor, accounts = null, storeServer = null, onDeath } = environment;
    let fleet: ServiceFleet | null = null;
    let watched: WatchedStores | null = null;
    const stop = async () => {
      await stopInOrder([[watched && { stop: watched.close }], [fleet]]);
    };
    try {
      fleet = await startService(own, { janitor, accounts, storeServer, signal, onNote }, onDeath);
      watched = await watchStores(fleet.stores, side, onNote);
      const endpoints = fleet.replicas.map(({ endpoint }) => endpoint);
      const requests = await preparedFor(service, side, endpoints, spec.users);
      return fleetOf(spec, environment, fleet, { requests, clients: clientsOf(own), watched, stop });
    } catch (error) {
      throw await afterEnding(fleet?.death() ?? error, stop);
    }
  };
}

interface Parts {
  readonly requests: readonly PreparedRequest[];
  readonly clients: ForeignClients;
  readonly watched: WatchedStores;
  readonly stop: () => Promise<void>;
}

function fleetOf(
  spec: FleetSpec,
  { shares, accounts }: FleetEnvironment,
  fleet: ServiceFleet,
  { requests, clients, watched, stop }: Parts,
): Fleet {
  const arm = spec.arm.name;
  const replicas = fleet.replicas.map(({ pid, endpoint }, i) =>
    replicaOf(arm, pid ?? 0, endpoint, () => fleet.kill(i)),
  );
  const groups = replicas.map(({ pid }) => new CommandGroup(pid));
  return {
    spec,
    foreign: {
      requests,
      clients,
      counters: watched.counters,
      store: watched.breakable,
      rssBytes: () => groups.reduce((sum, group) => sum + rssOf(group.pids()), 0) / Math.max(1, groups.length),
    },
    replicas,
    redis: watched.redis,
    proxy: null,
    credentials: [],
    users: [],
    async startWithKeys() {
      throw runError(`${arm} gets its keys from its own configuration`, 'omit this experiment');
    },
    async replaceReplica(index) {
      await fleet.kill(index);
      await fleet.restart(index);
      const fresh = fleet.replicas[index];
      if (fresh === undefined) throw new RangeError(`${arm} has no replica ${index}`);
      const { pid } = fresh;
      if (pid !== null) accounts?.add(pid);
      replicas[index] = replicaOf(arm, pid ?? 0, fresh.endpoint, () => fleet.kill(index));
      groups[index] = new CommandGroup(pid ?? 0);
    },
    applyShares() {
      const { replicaShare = null, cpuPeriod = 'steady' } = spec;
      if (replicaShare === null) return;
      for (const { pid } of replicas) shares?.limit(pid, replicaShare, cpuPeriod);
    },
    limitRedis: () => {},
    stop,
  };
}

function replicaOf(
  arm: string,
  pid: number,
  { host, port, certificate, isPinned = false }: Endpoint,
  kill: () => Promise<void>,
): Replica {
  const group = new CommandGroup(pid);
  const unknown = async () => {
    throw runError(`${arm} does not expose its internals`, 'omit this experiment');
  };
  return {
    arm,
    pid,
    pids: () => group.pids(),
    address: { host, port, ...(certificate === null ? {} : { certificate, isPinned }) },
    telemetry: unknown,
    startProfile: unknown,
    stopProfile: unknown,
    stop: kill,
  };
}

function rssOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const kB = /^VmRSS:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/status`))?.[1];
    return sum + Number(kB ?? 0) * 1024;
  }, 0);
}

/** @throws {TollgateError} in one line if a request cannot be repeated as it is */
export async function preparedFor(
  service: Service,
  side: Side,
  endpoints: readonly Endpoint[],
  count: number,
): Promise<PreparedRequest[]> {
  const [first] = endpoints;
  if (first === undefined) throw new Error('the service has no replica');
  const request = side === 'guarded' ? service.requests.guarded : service.requests.public;
  if (request === undefined) throw runError(`${service.name} has no public request`, 'add requests.public');
  if (side === 'public') return repeated([await preparedOne(service, request, first, NOTHING)], count);
  const sessions = await sessionsOf(service, endpoints, count);
  const prepared: PreparedRequest[] = [];
  for (const session of sessions) prepared.push(await preparedOne(service, request, first, session));
  return repeated(prepared, count);
}

/** One session per request, or per user if a login ends the user's previous one. */
async function sessionsOf(service: Service, endpoints: readonly Endpoint[], count: number): Promise<LoggedIn[]> {
  const { users, requests } = service;
  const logInAs = async (index: number) => {
    const endpoint = endpoints[index % endpoints.length];
    const user = users[index % users.length];
    if (endpoint === undefined || user === undefined) throw new Error('the service has neither replica nor user');
    return logIn(service, endpoint, user);
  };
  const sessions: LoggedIn[] = [];
  for (let i = 0; i < count; i++) sessions.push(await logInAs(i));
  const [first] = sessions;
  const [endpoint] = endpoints;
  if (first === undefined || endpoint === undefined || count <= users.length) return sessions;
  const answer = await sent(endpoint, callOf(requests.guarded, first));
  return isSuccess(requests.guarded, answer) ? sessions : sessions.slice(-users.length);
}

function repeated(requests: readonly PreparedRequest[], count: number): PreparedRequest[] {
  return Array.from({ length: count }, (_, i) => requests[i % requests.length]).flatMap((request) => request ?? []);
}

/**
 * A date or counter in a body changes with time. An equal second answer shows that it contains none that changes
 * faster than this.
 */
const PAUSE_MS = 5;

async function preparedOne(
  service: Service,
  request: Request,
  endpoint: Endpoint,
  holding: ClientCredentials,
): Promise<PreparedRequest> {
  const asked = callOf(request, holding, { random: crypto.randomUUID() });
  const what = `${asked.method} ${shown(asked.path.replace(/\?.*$/, ''))}`;
  const answer = await sent(endpoint, asked);
  await sleep(PAUSE_MS);
  const second = await sent(endpoint, asked);
  for (const each of [answer, second]) {
    if (!isSuccess(request, each))
      throw runError(`${what} of ${service.name} returned ${each.status}`, 'correct its status in service.json');
  }
  if (/\bclose\b/i.test(second.all('connection').join()))
    throw runError(
      `${service.name} closes the connection after a response to ${what}, so each request would include the cost of a connection`,
      'enable keep-alive in the service',
    );
  const isPlain = answer.header('content-encoding') === null && second.header('content-encoding') === null;
  return {
    method: asked.method,
    path: asked.path,
    headers: Object.fromEntries(Object.entries(asked.headers ?? {})),
    expectedStatus: second.status,
    // A body that differs each time is not compared.
    expectedBody: isPlain && answer.text === second.text ? second.text : null,
    ...(asked.json === undefined ? {} : { body: asked.json }),
    ...(asked.body === undefined ? {} : { form: asked.body.text }),
  };
}
