/** From a start message to a listening application. */
import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { ARMS, type Arm, findArm } from '../arms.ts';
import { StartError } from '../errors.ts';
import { buildApp } from '../http/app.ts';
import type { StartMessage } from '../messages.ts';
import { armAt } from './chain-place.ts';

/** Finds the arm that a start message asks for. */
export type FindArm = (start: Pick<StartMessage, 'arm' | 'users'>) => Arm | undefined;

export interface Served {
  readonly app: FastifyInstance;
  readonly port: number;
}

/** Whether an address can be reached only from this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * Builds the application and listens.
 * @param allowRemote whether other machines may reach it; measured servers hold test users and stay on loopback
 * @throws StartError
 */
export async function serve(
  start: Omit<StartMessage, 'type'>,
  allowRemote: boolean,
  find: FindArm = ({ arm }) => findArm(arm),
): Promise<Served> {
  if (!allowRemote && !isLoopback(start.host)) {
    throw new StartError('HOST_NOT_LOOPBACK', `The host ${start.host} is not loopback: use 127.0.0.1.`);
  }
  const arm = find(start);
  if (arm === undefined) {
    const known = ARMS.map(({ info }) => info.name).join(', ');
    throw new StartError('UNKNOWN_ARM', `There is no arm ${start.arm}: use one of ${known}.`);
  }
  const { secrets, users, redis, companions, settings, tls, burnIterations, work, chain } = start;
  const app = await buildApp({
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
  });
  try {
    await app.listen({ host: start.host, port: start.port });
  } catch (error) {
    await app.close();
    throw listenError(error, start);
  }
  const address = app.server.address();
  if (address === null || typeof address === 'string')
    throw new StartError('LISTEN_FAILED', 'The server is not listening on a TCP port.');
  return { app, port: address.port };
}

function listenError(error: unknown, { host, port }: { host: string; port: number }): StartError {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'EADDRINUSE'
    ? new StartError('EADDRINUSE', `Port ${port} on ${host} is taken: choose another, or 0 for any free one.`)
    : new StartError('LISTEN_FAILED', `Cannot listen on ${host}:${port}: ${message}.`);
}
