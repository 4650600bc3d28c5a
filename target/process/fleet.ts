/** The replicas of a service: started by its command on free ports, or those that run at its URLs. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { Endpoint } from '../../bench/gate/http.ts';
import type { CpuAccounts } from '../../bench/processes/accounts.ts';
import type { Janitor } from '../../bench/processes/janitor.ts';
import type { TollgateError } from '../../core/errors.ts';
import type { Service } from '../config/service.ts';
import { type StartedReplica, startReplica } from './replica.ts';

export interface ServiceEnvironment {
  readonly janitor: Pick<Janitor, 'watch'>;
  readonly accounts: Pick<CpuAccounts, 'add' | 'sweep'> | null;
  readonly signal: AbortSignal;
  /** Something that happened beside the measurement: one line. */
  readonly onNote: (text: string) => void;
}

export interface ServiceReplica {
  /** Null for one that runs at a URL. */
  readonly pid: number | null;
  readonly endpoint: Endpoint;
}

export interface ServiceFleet {
  readonly replicas: readonly ServiceReplica[];
  /** Whether the CPU time of every replica, with what it starts, can be read. */
  readonly hasAccounts: boolean;
  /** Why a replica ended; null while all run. */
  death(): TollgateError | null;
  /** The end of what its replicas printed, secrets included; null for replicas that run at URLs. */
  output(): string | null;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';

/** Ports that nothing listens on, each another one. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, HOST));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.flatMap((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? [address.port] : [];
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** Everything that no output or result may hold. */
export function secretsOf({ users, admin, keys, redisUrl, launch }: Service): string[] {
  const own = Object.values(launch?.environment ?? {}).filter((value) => value.length >= 8 && !value.includes('{{'));
  const passwords = [...users, ...(admin === null ? [] : [admin])].map(({ password }) => password);
  return [...passwords, keys.key, redisUrl, ...own].flatMap((secret) => secret ?? []);
}

export function endpointOf(url: URL, certificate: string | null): Endpoint {
  const isTls = url.protocol === 'https:';
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (isTls ? 443 : 80)),
    certificate: isTls ? (certificate ?? rootCertificates.join('\n')) : null,
  };
}

/**
 * @param onDeath called for each replica that ends without having been stopped
 * @throws TollgateError when one cannot start; those that had started are stopped first
 */
export async function startService(
  service: Service,
  environment: ServiceEnvironment,
  onDeath: (error: TollgateError) => void = () => {},
): Promise<ServiceFleet> {
  const { launch, certificate, name } = service;
  if (launch === null) {
    const replicas = service.urls.map((url) => ({ pid: null, endpoint: endpointOf(url, certificate) }));
    return { replicas, hasAccounts: false, death: () => null, output: () => null, stop: async () => {} };
  }
  let death: TollgateError | null = null;
  const secrets = secretsOf(service);
  const ports = await freePorts(launch.replicas);
  const started: StartedReplica[] = [];
  const stop = async () => {
    const ended = await Promise.all(started.map((replica) => replica.stop()));
    environment.accounts?.sweep();
    const killed = ended.filter((inTime) => !inTime).length;
    if (killed > 0)
      environment.onNote(`${killed} of ${started.length} replicas of ${name} ignored SIGTERM and were killed`);
  };
  const results = await Promise.allSettled(
    ports.map(async (port, i) => {
      const replica = await startReplica({
        ...environment,
        label: `replica ${i + 1} of ${name}`,
        launch,
        port,
        certificate,
        secrets,
        onDeath: (error) => {
          death ??= error;
          onDeath(error);
        },
      });
      started.push(replica);
      return replica;
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const replicas = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  return {
    replicas,
    hasAccounts: replicas.every(({ hasAccount }) => hasAccount),
    death: () => death,
    output: () => replicas.map((replica) => replica.output()).join('\n'),
    stop,
  };
}
