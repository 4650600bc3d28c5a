/** HTTP servers for this machine only. */
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { environmentError, messageOf, type TollgateError, usageError } from '../../core/errors.ts';

const HOST = '127.0.0.1';
/** The allowed names in a request's Host: any other belongs to a site whose name was pointed here (DNS rebinding). */
const NAMES = new Set([HOST, 'localhost']);

/**
 * @param port 0 lets the kernel choose
 * @param flag that named it
 * @throws TollgateError if the port cannot be used
 */
export async function listenHere(server: Server, port: number, flag: string): Promise<void> {
  try {
    server.listen(port, HOST);
    await once(server, 'listening');
  } catch (error) {
    throw unusable(port, flag, error);
  }
}

/** Closes every connection, and resolves when the port is free. */
export async function closeHere(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port; // it listens on a port, not on a pipe
}

export const addressOf = (server: Server) => `http://${HOST}:${portOf(server)}/`;

/** A browser sends the host of the page's URL. The port must match, unless it is that of HTTP. */
function isForHere({ headers: { host = '' } }: IncomingMessage, port: number): boolean {
  const [, name = '', given = '80'] = /^([a-z0-9.-]+)(?::(\d{1,5}))?$/i.exec(host) ?? [];
  return NAMES.has(name.toLowerCase()) && Number(given) === port;
}

export function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

/** Refuses requests for another host name, and those that are not reads. @returns whether it did */
export function refuseOthers(request: IncomingMessage, response: ServerResponse, server: Server): boolean {
  if (!isForHere(request, portOf(server))) {
    refuse(response, 421, `Ask for ${addressOf(server)} by that name.`);
    return true;
  }
  if (request.method === 'GET') return false;
  response.setHeader('allow', 'GET');
  refuse(response, 405, 'This server is read-only.');
  return true;
}

function unusable(port: number, flag: string, error: unknown): TollgateError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EADDRINUSE') {
    return usageError(
      `--${flag}: ${port} is in use on ${HOST}`,
      `name another one, or --${flag} 0 for any that is free`,
    );
  }
  if (code === 'EACCES')
    return usageError(`--${flag}: ${port} needs privileges that you do not have`, 'name one above 1023');
  return environmentError(
    `nothing can be served on ${HOST}: ${messageOf(error)}`,
    'find out which process uses this address',
  );
}
