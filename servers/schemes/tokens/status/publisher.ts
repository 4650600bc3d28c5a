/** Publishes a status list over HTTP on loopback, as the issuer of the tokens would. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { STATUS_LIST_MEDIA_TYPE, type StatusListKeys, type StatusListTimes, signList } from './list.ts';

export interface StatusPublisher {
  /** Starts serving. @returns the address of the list */
  start(): Promise<string>;
  stop(): void;
}

export interface StatusPublisherOptions extends Omit<StatusListTimes, 'readAtMs'> {
  /** The list's name. */
  readonly uri: string;
  readonly keys: StatusListKeys;
  /** Reads the bits. If it fails, the request is answered with 503. */
  readonly read: () => Promise<Buffer>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const PATH = '/status-lists/1';

/** A list is created on request, and served until its time to live is over. */
export function statusPublisher({ uri, keys, read, now, ...times }: StatusPublisherOptions): StatusPublisher {
  let made: { readonly token: Promise<string>; readonly atMs: number } | null = null;

  async function make(): Promise<string> {
    // Before the bits are read: a later revocation may be missing, but for no longer than the list's lifetime.
    const readAtMs = now();
    return signList(uri, await read(), keys, { ...times, readAtMs });
  }

  function current(): Promise<string> {
    const nowMs = now();
    if (made === null || nowMs < made.atMs || nowMs - made.atMs >= times.ttlMs) {
      const token = make();
      made = { token, atMs: nowMs };
      token.catch(() => {
        made = null;
      });
    }
    return made.token;
  }

  const server: Server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== PATH) {
      response.writeHead(404).end();
      return;
    }
    current().then(
      (token) => {
        const headers = {
          'content-type': STATUS_LIST_MEDIA_TYPE,
          'cache-control': `max-age=${Math.floor(times.ttlMs / 1000)}`,
        };
        response.writeHead(200, headers).end(token);
      },
      () => response.writeHead(503, { 'cache-control': 'no-store' }).end(),
    );
  });

  return {
    async start() {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      if (address === null || typeof address === 'string') throw new TypeError('the publisher has no port');
      return `http://127.0.0.1:${address.port}${PATH}`;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
