/**
 * The server that the browser talks to: it serves the pages, forwards every other request to the replica, and records the
 * requests and the replica's answers. Verdicts rest on this record, not on what a page observes.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as forward } from 'node:https';
import type { TlsOptions } from '../../servers/configuration.ts';
import { listen } from '../processes/listen.ts';
import { APP, HOSTS } from './hosts.ts';
import { Observations, type Seen } from './observations.ts';
import { STRANGERS_PAGE } from './pages.ts';

export interface Witness {
  readonly port: number;
  /** Sets the replica that later requests are forwarded to. */
  connect(replicaPort: number, page: string): void;
  /** @returns the first request of this kind since the witness was started; null if none came in time */
  waitFor(wanted: (seen: Seen) => boolean): Promise<Seen | null>;
  seen(): readonly Seen[];
  /** Returns what an injected script sent under this marker; null if nothing came in time. */
  collected(marker: string): Promise<readonly string[] | null>;
  stop(): Promise<void>;
}

const BODY_LIMIT_BYTES = 64 * 1024;

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > BODY_LIMIT_BYTES) throw new Error('a body is larger than any that a page here sends');
  }
  return Buffer.concat(chunks);
}

/** Returns the fields of a JSON reply, and none of any other reply. */
function fieldsOf(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function transferOf(path: string, status: number, reply: Readonly<Record<string, unknown>>): Seen['transferred'] {
  if (path !== '/transfer' || status !== 200 || reply.accepted !== true) return null;
  return { from: String(reply.from), to: String(reply.to) };
}

function html(response: ServerResponse, page: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(page);
}

interface Asked {
  readonly method: string;
  readonly path: string;
  /** Of the replica. */
  readonly port: number;
}

interface HandsOn {
  readonly agent: Agent;
  /** Of the replica's certificate. */
  readonly ca: string;
  readonly observed: Observations;
}

/** Forwards a request to the replica, and its answer to the page. */
async function handOn(
  message: IncomingMessage,
  response: ServerResponse,
  { method, path, port }: Asked,
  { agent, ca, observed }: HandsOn,
): Promise<void> {
  const { headers } = message;
  const asked = await bodyOf(message);
  const out = forward({ host: '127.0.0.1', port, servername: 'localhost', ca, agent, method, path, headers });
  out.end(asked);
  const [reply] = (await once(out, 'response')) as [IncomingMessage];
  const body = await bodyOf(reply);
  const status = reply.statusCode ?? 0;
  const fields = fieldsOf(body);
  const text = asked.toString();
  observed.see({
    method,
    path,
    origin: headers.origin ?? null,
    preflight: method === 'OPTIONS' && headers['access-control-request-method'] !== undefined,
    cookie: headers.cookie !== undefined,
    authorization: headers.authorization !== undefined,
    status,
    transferred: transferOf(path, status, fields),
    detail: typeof fields.detail === 'string' ? fields.detail : '',
    isOf: (marker) => path.includes(marker) || text.includes(marker),
  });
  response.writeHead(status, reply.headers).end(body);
}

/** @throws Error if it cannot listen */
export async function startWitness(tls: TlsOptions): Promise<Witness> {
  const agent = new Agent({ keepAlive: true });
  const observed = new Observations();
  let replica: { readonly port: number; readonly page: string } | null = null;

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url: path = '/', method = 'GET' } = message;
    const host = (message.headers.host ?? '').replace(/:\d+$/, '');
    if (!HOSTS.includes(host)) return void response.writeHead(421).end();
    if (path === '/favicon.ico') return void response.writeHead(404).end();
    if (host !== APP) {
      if (path !== '/collect') return html(response, STRANGERS_PAGE);
      const { marker, found } = fieldsOf(await bodyOf(message));
      if (typeof marker === 'string' && Array.isArray(found)) observed.collect(marker, found.map(String));
      response.writeHead(204).end();
      return;
    }
    if (replica === null) return void response.writeHead(503).end();
    if (path === '/' && method === 'GET') return html(response, replica.page);
    await handOn(message, response, { method, path, port: replica.port }, { agent, ca: tls.certificate, observed });
  }

  const server = createServer({ cert: tls.certificate, key: tls.privateKey }, (message, response) => {
    answer(message, response).catch(() => {
      // The replica or the page closed meanwhile: what was awaited will not come, and is reported as missing.
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
  });
  const port = await listen(server, { host: '127.0.0.1', port: 0 });

  return {
    port,
    connect: (replicaPort, page) => {
      replica = { port: replicaPort, page };
    },
    waitFor: (wanted) => observed.first(wanted),
    seen: () => observed.seen,
    collected: (marker) => observed.collected(marker),
    async stop() {
      agent.destroy();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
