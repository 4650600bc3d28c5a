/**
 * Forwards requests of clients to upstreams, with the rules of deploy/nginx.conf: connections are kept alive on both
 * sides; nothing is retried, since a failure must be visible; and an upstream that failed still gets its next
 * request. Forwarding headers of the client are replaced by its address, which servers accept from a trusted proxy.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type Dispatcher, Pool } from 'undici';
import type { Problem } from '../../../servers/contract.ts';
import { handedOn, OF_A_PROXY } from '../../../servers/proxy-headers.ts';
import { authorityOf } from '../../load/connection/authority.ts';
import { type Choice, Chooser } from './choice.ts';

/** The limit of the servers behind it, so that it refuses no head that they would accept. */
const LARGEST_HEAD_BYTES = 16 * 1024;
const LARGEST_BODY_BYTES = 64 * 1024;

/** Time-outs, in ms. */
export interface Deadlines {
  readonly connect: number;
  /** For the head of a response, and between two chunks of its body. */
  readonly reply: number;
  /** For a whole request of a client. */
  readonly request: number;
  /** For the next request on an open connection: to an upstream, and of a client. */
  readonly idleUpstream: number;
  readonly idleClient: number;
}

/**
 * Servers close an idle connection after 72 s. It is closed sooner here, so that no request meets a closing
 * connection.
 */
const WITHIN: Deadlines = {
  connect: 2_000,
  reply: 30_000,
  request: 30_000,
  idleUpstream: 60_000,
  idleClient: 75_000,
};

/** To each upstream; further requests wait for a free one. */
const MOST_CONNECTIONS = 1_024;

export interface ForwarderOptions {
  readonly upstreams: readonly { readonly host: string; readonly port: number }[];
  readonly choice: Choice;
  /** The upstream of its first request. */
  readonly turn?: number;
  /** Time-outs other than the defaults. */
  readonly within?: Partial<Deadlines>;
}

export class Forwarder {
  readonly #pools: readonly Pool[];
  readonly #underWay: number[];
  readonly #chooser: Chooser;
  readonly #within: Deadlines;
  #used: readonly number[];

  constructor({ upstreams, choice, turn = 0, within = {} }: ForwarderOptions) {
    this.#within = { ...WITHIN, ...within };
    const { connect, reply, idleUpstream } = this.#within;
    this.#pools = upstreams.map(
      (upstream) =>
        new Pool(`http://${authorityOf(upstream)}`, {
          connections: MOST_CONNECTIONS,
          pipelining: 1,
          connect: { timeout: connect },
          headersTimeout: reply,
          bodyTimeout: reply,
          keepAliveTimeout: idleUpstream,
          keepAliveMaxTimeout: idleUpstream,
        }),
    );
    this.#underWay = upstreams.map(() => 0);
    this.#chooser = new Chooser(choice, turn);
    this.#used = upstreams.map((_, index) => index);
  }

  /** @param upstreams the indices of those that get all further requests @throws RangeError for an unknown one */
  use(upstreams: readonly number[]): void {
    const missing = upstreams.find((index) => this.#pools[index] === undefined);
    if (missing !== undefined) throw new RangeError(`there is no upstream ${missing}`);
    this.#used = upstreams;
  }

  /** A server for these requests, which does not listen yet. */
  createServer(): Server {
    const { request, idleClient } = this.#within;
    const server = createServer(
      {
        maxHeaderSize: LARGEST_HEAD_BYTES,
        requestTimeout: request,
        headersTimeout: request,
        // How often it looks which requests are too old: by default every 30 s, whatever the limit.
        connectionsCheckingInterval: Math.ceil(request / 6),
        keepAliveTimeout: idleClient,
        noDelay: true,
      },
      (message, reply) => this.#take(message, reply),
    );
    // A load generator keeps its connections open.
    server.maxRequestsPerSocket = 0;
    // Each pipelined request adds a listener for the end of its connection.
    server.on('connection', (socket) => socket.setMaxListeners(0));
    return server;
  }

  #take(request: IncomingMessage, reply: ServerResponse): void {
    // A request target for a proxy, or for no resource (RFC 9112 §3.2): no server behind it has such a route.
    if (!request.url?.startsWith('/')) {
      refuse(reply, 400);
      return;
    }
    const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
    if (length === undefined && coding === undefined) {
      this.#forward(request, reply, null);
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= LARGEST_BODY_BYTES) chunks.push(chunk);
      else if (!reply.headersSent) refuse(reply, 413);
    });
    request.on('end', () => {
      if (bytes <= LARGEST_BODY_BYTES) this.#forward(request, reply, Buffer.concat(chunks));
    });
  }

  #forward(request: IncomingMessage, reply: ServerResponse, body: Buffer | null): void {
    const client = request.socket.remoteAddress;
    // The client is gone.
    if (client === undefined) return;
    const headers = handedOn(request.headers, (name) => OF_A_PROXY.test(name));
    headers['x-forwarded-for'] = client;
    const index = this.#chooser.next(this.#used, this.#underWay);
    this.#count(index, 1);
    const { method = 'GET', url: path = '/' } = request;
    this.#pools[index]?.dispatch(
      { method: method as Dispatcher.HttpMethod, path, headers, body },
      passing(request.socket, reply, () => this.#count(index, -1)),
    );
  }

  /** Breaks every connection to the upstreams. */
  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.destroy()));
  }

  #count(index: number, change: number): void {
    this.#underWay[index] = (this.#underWay[index] ?? 0) + change;
  }
}

/** Streams a response. @param onEnd called once, when the upstream has finished the request */
function passing(client: Socket, reply: ServerResponse, onEnd: () => void): Dispatcher.DispatchHandler {
  let giveUp = () => {};
  const end = () => {
    client.off('close', giveUp);
    onEnd();
  };
  return {
    onRequestStart(controller) {
      giveUp = () => controller.abort(new Error('the client is gone'));
      // Listens on the connection: in Node 22 and 24, a response queued behind another in a pipeline never emits
      // `close`.
      if (client.destroyed) giveUp();
      else client.once('close', giveUp);
    },
    onResponseStart(_controller, status, headers) {
      // An interim response (RFC 9110 §15.2); the final one follows.
      if (status >= 200) reply.writeHead(status, handedOn(headers));
    },
    onResponseData(controller, chunk) {
      if (reply.write(chunk)) return;
      controller.pause();
      reply.once('drain', () => controller.resume());
    },
    onResponseEnd() {
      end();
      reply.end();
    },
    onResponseError(_controller, error) {
      end();
      if (client.destroyed || reply.destroyed) return;
      // Only a broken connection tells the client that a response is incomplete.
      if (reply.headersSent) reply.destroy();
      else refuse(reply, isLate(error) ? 504 : 502);
    },
  };
}

const LATE: ReadonlySet<unknown> = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'ETIMEDOUT']);
const isLate = (error: Error) => 'code' in error && LATE.has(error.code);

/**
 * Answers in the format of the servers' own refusals. The connection is closed if the request was not read to its
 * end.
 */
function refuse(reply: ServerResponse, status: 400 | 413 | 502 | 504): void {
  const problem: Problem = { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status };
  reply.writeHead(status, {
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
    ...(status < 500 ? { connection: 'close' } : {}),
  });
  reply.end(JSON.stringify(problem));
}
