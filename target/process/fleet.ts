/** The replicas of a service: started by its command on free ports, or already running at its URLs. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { Endpoint } from '../../bench/gate/http.ts';
import type { TollgateError } from '../../core/errors.ts';
import type { Service } from '../config/service.ts';
import { endpointOf } from '../flow/endpoint.ts';
import { type RunningStore, startStores } from '../store/running.ts';
import type { ServiceEnvironment } from './environment.ts';
import { pinned } from './pin.ts';
import { RESERVED, type ReplicaStart, type StartedReplica, startReplica } from './replica.ts';

export interface ServiceReplica {
  /** Null for one at a URL. */
  readonly pid: number | null;
  readonly endpoint: Endpoint;
}

export interface ServiceFleet {
  readonly replicas: readonly ServiceReplica[];
  readonly stores: readonly RunningStore[];
  /** Why a replica ended; null while all run. */
  death(): TollgateError | null;
  /** The last output of its replicas, secrets included; null for replicas at URLs. */
  output(): string | null;
  /** Kills a replica; that does not count as its death. Does nothing to one at a URL. */
  kill(index: number): Promise<void>;
  /** Restarts it on its port. */
  restart(index: number): Promise<void>;
  stop(): Promise<void>;
}

/** Distinct free ports. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, RESERVED));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.flatMap((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? [address.port] : [];
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** All secrets that no output or result may contain. */
export function secretsOf({ users, admin, keys, stores, launch }: Service): string[] {
  const variables = [launch, ...stores.map((store) => (store.from === 'command' ? store.launch : null))].flatMap(
    (started) => Object.values(started?.environment ?? {}),
  );
  const own = variables.flatMap((variable) => {
    if ('secret' in variable) return variable.secret;
    return 'text' in variable && variable.text.length >= 8 && !variable.text.includes('{{') ? variable.text : [];
  });
  const passwords = [...users, ...(admin === null ? [] : [admin])].map(({ password }) => password);
  const urls = stores.flatMap((store) => (store.from === 'provided' ? [] : store.url));
  return [...passwords, keys.key, ...urls, ...own].flatMap((secret) => secret ?? []);
}

/** How a replica that Tollgate starts is authenticated; null for plain HTTP. */
function tlsOf({ launch, certificate, pinsCertificates }: Service): ReplicaStart['tls'] {
  if (launch?.speaksTls !== true) return null;
  if (pinsCertificates) return 'pinned';
  return { certificate: certificate ?? rootCertificates.join('\n') };
}

async function replicaAt(url: URL, { certificate, pinsCertificates }: Service): Promise<ServiceReplica> {
  const endpoint = endpointOf(url, certificate);
  return { pid: null, endpoint: pinsCertificates && endpoint.certificate !== null ? await pinned(endpoint) : endpoint };
}

/**
 * @param onDeath called for each replica that ends without having been stopped
 *
 * @throws {TollgateError} if one cannot start; those already started are stopped first
 */
export async function startService(
  service: Service,
  environment: ServiceEnvironment,
  onDeath: (error: TollgateError) => void = () => {},
): Promise<ServiceFleet> {
  const { launch, name } = service;
  if (launch === null) {
    const replicas = await Promise.all(service.urls.map((url) => replicaAt(url, service)));
    const nothing = async () => {};
    return {
      replicas,
      stores: [],
      death: () => null,
      output: () => null,
      kill: nothing,
      restart: nothing,
      stop: nothing,
    };
  }
  let death: TollgateError | null = null;
  const died = (error: TollgateError) => {
    death ??= error;
    onDeath(error);
  };
  const secrets = secretsOf(service);
  const stores = await startStores(name, service.stores, { ...environment, secrets, onDeath: died });
  const urls = new Map(stores.map(({ kind, url }) => [kind, url]));
  const ports = await freePorts(launch.replicas);
  const started: (StartedReplica | undefined)[] = [];
  const optionsAt = (index: number): ReplicaStart => ({
    ...environment,
    label: `replica ${index + 1} of ${name}`,
    part: 'start',
    launch,
    urls,
    port: ports[index] ?? 0,
    tls: tlsOf(service),
    secrets: [...secrets, ...urls.values()],
    onDeath: died,
  });
  const stop = async () => {
    const ended = await Promise.all(started.map((replica) => replica?.stop()));
    await Promise.all(stores.map((store) => store.stop()));
    environment.accounts?.sweep();
    const killed = ended.filter((inTime) => inTime === false).length;
    if (killed > 0)
      environment.onNote(`${killed} of ${started.length} replicas of ${name} ignored SIGTERM and were killed`);
  };
  const results = await Promise.allSettled(
    ports.map(async (_, index) => {
      started[index] = await startReplica(optionsAt(index));
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const all = () => started.flatMap((replica) => replica ?? []);
  return {
    get replicas() {
      return all();
    },
    stores,
    death: () => death,
    output: () =>
      all()
        .map((replica) => replica.output())
        .join('\n'),
    kill: async (index) => started[index]?.kill(),
    async restart(index) {
      started[index] = await startReplica(optionsAt(index));
    },
    stop,
  };
}
