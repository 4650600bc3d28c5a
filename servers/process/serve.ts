/** Starts a listening application from a start message. */
import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { ARMS, type Arm, findArm } from '../arms.ts';
import { StartError } from '../errors.ts';
import { type AppOptions, buildApp, buildBehindEdge, buildEdgeOf, type EdgeStart } from '../http/app.ts';
import type { StartEdge, StartMessage } from '../messages.ts';
import { armAt } from './chain-place.ts';

/** Finds the arm of a start message. */
export type FindArm = (start: Pick<StartMessage, 'arm' | 'users'>) => Arm | undefined;

export interface Served {
  /** The application in this process. Closing it closes everything that was started for it. */
  readonly app: FastifyInstance;
  /** The port for clients. */
  readonly port: number;
  /** The port of the replica itself, if clients connect to an edge in front of it. */
  readonly behindPort?: number;
}

/** An edge in front of a replica of this process. */
export interface StartedEdge {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts the edge of an arm, which clients then connect to. @throws StartError */
export type StartEdgeOf = (message: StartEdge, arm: Arm) => Promise<StartedEdge>;

/** Runs the edge in this process, with its own connections to the replica. */
const edgeHere: StartEdgeOf = async (message, arm) => {
  const { app, port } = await serveEdge(message, arm);
  return { port, close: () => app.close() };
};

/** Whether an address can be reached only from this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** @throws StartError */
function armOf(start: Pick<StartMessage, 'arm' | 'users' | 'host'>, allowRemote: boolean, find: FindArm): Arm {
  if (!allowRemote && !isLoopback(start.host)) {
    throw new StartError('HOST_NOT_LOOPBACK', `The host ${start.host} is not loopback: use 127.0.0.1.`);
  }
  const arm = find(start);
  if (arm !== undefined) return arm;
  const known = ARMS.map(({ info }) => info.name).join(', ');
  throw new StartError('UNKNOWN_ARM', `There is no arm ${start.arm}: use one of ${known}.`);
}

export const findInRegistry: FindArm = ({ arm }) => findArm(arm);

/**
 * Builds the application and listens; for an arm with an edge, starts that too. @param allowRemote whether other
 * machines may connect; measured servers have test users and stay on loopback @param startEdge how edges are started;
 * default: in this process @throws StartError
 */
export async function serve(
  start: Omit<StartMessage, 'type'>,
  allowRemote: boolean,
  find: FindArm = findInRegistry,
  startEdge: StartEdgeOf = edgeHere,
): Promise<Served> {
  const arm = armOf(start, allowRemote, find);
  const { secrets, users, redis, companions, settings, tls, burnIterations, work, chain } = start;
  const options = {
    arm: chain === undefined ? arm : armAt(arm, chain),
    secrets,
    users,
    redis,
    companions,
    settings,
    tls,
    burnIterations,
    work,
    chain,
  };
  if (options.arm.loadEdge !== undefined) return serveBehindEdge(start, options, startEdge);
  const app = await buildApp(options);
  return { app, port: await listen(app, start) };
}

async function serveBehindEdge(
  { arm: name, host, port, companions, settings, tls }: Omit<StartMessage, 'type'>,
  options: AppOptions,
  startEdge: StartEdgeOf,
): Promise<Served> {
  let edge: StartedEdge | null = null;
  // Requests in progress pass both, so the edge ends first.
  const replica = await buildBehindEdge({ ...options, beforeClose: async () => edge?.close() });
  const about = {
    ...(companions === undefined ? {} : { companions }),
    ...(settings === undefined ? {} : { settings }),
    ...(tls === undefined ? {} : { tls }),
  };
  try {
    edge = await startEdge({ type: 'start-edge', arm: name, host, port, behind: replica.url, ...about }, options.arm);
  } catch (error) {
    await replica.app.close();
    throw error;
  }
  return { app: replica.app, port: edge.port, behindPort: replica.port };
}

/** Builds an edge and listens. @throws StartError */
async function serveEdge(message: StartEdge, arm: Arm): Promise<Served> {
  const { behind, companions, settings, tls } = message;
  const app = await buildEdgeOf({ arm, behind, companions, settings, tls } satisfies EdgeStart);
  return { app, port: await listen(app, message) };
}

/** Serves an edge by its start message, in a separate process. @throws StartError */
export async function serveEdgeProcess(message: StartEdge, allowRemote: boolean, find: FindArm): Promise<Served> {
  return serveEdge(message, armOf({ ...message, users: [] }, allowRemote, find));
}

/** @returns the port */
async function listen(app: FastifyInstance, at: Pick<StartMessage, 'host' | 'port'>): Promise<number> {
  try {
    await app.listen({ host: at.host, port: at.port });
  } catch (error) {
    await app.close();
    throw listenError(error, at);
  }
  const address = app.server.address();
  if (address === null || typeof address === 'string')
    throw new StartError('LISTEN_FAILED', 'The server is not listening on a TCP port.');
  return address.port;
}

function listenError(error: unknown, { host, port }: { host: string; port: number }): StartError {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'EADDRINUSE'
    ? new StartError('EADDRINUSE', `Port ${port} on ${host} is taken: choose another, or 0 for any free one.`)
    : new StartError('LISTEN_FAILED', `Cannot listen on ${host}:${port}: ${message}.`);
}
