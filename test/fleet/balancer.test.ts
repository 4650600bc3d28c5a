/** The balancer with two processes, in front of servers that record their requests. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type RequestOptions, request, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FleetBalancer, startBalancer } from '../../bench/fleet/balancer/client.ts';
import { Forwarder } from '../../bench/fleet/balancer/forward.ts';

const HOST = '127.0.0.1';
const LARGE = 'x'.repeat(3_000_000);

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly socket: Socket;
}

/** A server that answers with its name. */
class Upstream {
  readonly name: string;
  readonly seen: Seen[] = [];
  readonly sockets = new Set<Socket>();
  #server: Server | null = null;
  port = 0;

  constructor(name: string) {
    this.name = name;
  }

  async listen(): Promise<void> {
    const server = createServer(async (message, reply) => {
      const { method = '', url = '', headers, socket } = message;
      this.seen.push({ method, url, headers, socket, body: await text(message) });
      if (url === '/break') return void socket.destroy();
      if (url === '/silent') return;
      if (url === '/large') return void reply.end(LARGE);
      reply.writeHead(200, { connection: 'x-hop', 'x-hop': '1', 'set-cookie': ['a=1', 'b=2'], 'x-name': this.name });
      reply.end(this.name);
    });
    server.on('connection', (socket: Socket) => this.sockets.add(socket));
    server.listen(this.port, HOST);
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async die(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Clears its records. */
  reset(): void {
    this.seen.length = 0;
  }
}

const upstreams = ['a', 'b', 'c'].map((name) => new Upstream(name));
const [a, b] = upstreams as [Upstream, Upstream, Upstream];
const deaths: string[] = [];
let balancer: FleetBalancer;
/** One connection: all its requests go through one process of the balancer. */
const one = new Agent({ keepAlive: true, maxSockets: 1 });

const PROGRAM = fileURLToPath(new URL('../../bench/fleet/balancer/process.ts', import.meta.url));
const start = (port = 0, processes = 2) =>
  startBalancer({
    name: 'the balancer',
    launch: async (execArgv) => fork(PROGRAM, { execArgv: [...execArgv], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] }),
    processes,
    choice: 'round-robin',
    host: HOST,
    port,
    upstreams: upstreams.map((upstream) => ({ host: HOST, port: upstream.port })),
    onDeath: (error) => deaths.push(error.message),
  });

beforeAll(async () => {
  await Promise.all(upstreams.map((upstream) => upstream.listen()));
  balancer = await start();
});
afterAll(async () => {
  one.destroy();
  await balancer?.stop();
  await Promise.all(upstreams.map((upstream) => upstream.die()));
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function send(options: RequestOptions = {}, body?: string, port = balancer.address.port): Promise<Answer> {
  const sent = request({ host: HOST, port, agent: one, path: '/', ...options });
  sent.end(body);
  const [reply] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: reply.statusCode ?? 0, headers: reply.headers, body: await text(reply) };
}

async function names(count: number, options?: RequestOptions): Promise<string[]> {
  const found: string[] = [];
  for (let i = 0; i < count; i++) found.push((await send(options)).body);
  return found;
}

it('keeps connections open on both sides, and uses the upstreams in turn', async () => {
  await balancer.use([0, 2]);
  const before = upstreams.map(({ sockets }) => sockets.size);
  const found = await names(20);
  expect(found).toEqual(Array.from({ length: 20 }, (_, i) => found[i % 2]));
  expect(new Set(found)).toEqual(new Set(['a', 'c']));
  expect(upstreams.map(({ sockets }, i) => sockets.size - (before[i] ?? 0))).toEqual([1, 0, 1]);
  await expect.poll(() => Object.values(one.freeSockets).flat().length).toBe(1);
});

it('shares its port among its processes, each of which also has a separate address', async () => {
  await balancer.use([0, 1, 2]);
  const ports = balancer.processes.map(({ address }) => address.port);
  expect(new Set([...ports, balancer.address.port]).size).toBe(3);
  for (const port of ports) expect((await send({ agent: false }, undefined, port)).status).toBe(200);
  // Any of the processes may accept them.
  const answers = await Promise.all(Array.from({ length: 40 }, () => send({ agent: false })));
  expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['a', 'b', 'c']));
});

it('sets the client address itself, and passes on the headers of the application', async () => {
  await balancer.use([0]);
  a.reset();
  const headers = {
    host: 'shop.example:8080',
    authorization: 'Bearer a.b.c',
    cookie: 'session=1',
    'x-csrf-token': 'c',
    'content-type': 'application/json',
    'x-forwarded-for': '192.0.2.7',
    'x-forwarded-proto': 'https',
    forwarded: 'for=192.0.2.7',
    'x-real-ip': '192.0.2.7',
    'x-tollgate-identity': 'e30.x',
    x_forwarded_for: '192.0.2.7',
    'x-secret': '1',
    connection: 'keep-alive, X-Secret, X-Forwarded-For',
  };
  const { headers: replied } = await send({ method: 'POST', path: '/transfer?a=b', headers }, '{"amount":1}');
  const [seen] = a.seen;
  expect(seen).toMatchObject({ method: 'POST', url: '/transfer?a=b', body: '{"amount":1}' });
  expect(seen?.headers).toEqual({
    host: 'shop.example:8080',
    authorization: 'Bearer a.b.c',
    cookie: 'session=1',
    'x-csrf-token': 'c',
    'content-type': 'application/json',
    'content-length': '12',
    connection: 'keep-alive',
    'x-forwarded-for': HOST,
  });
  expect(replied['x-hop']).toBeUndefined();
  expect(replied['set-cookie']).toEqual(['a=1', 'b=2']);
});

it('forwards a long reply completely, and a head without a body', async () => {
  expect((await send({ path: '/large' })).body).toBe(LARGE);
  expect(await send({ method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
});

it('retries nothing if an upstream dies, reports it, and uses the upstream again once it is back', async () => {
  await balancer.use([0, 1]);
  await names(2);
  await b.die();
  a.reset();
  const answers: Answer[] = [];
  for (let i = 0; i < 10; i++) answers.push(await send({ method: 'POST', path: '/transfer' }, '{}'));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(5).fill(200), ...Array(5).fill(502)]);
  expect(a.seen).toHaveLength(5);
  const refused = answers.find(({ status }) => status === 502);
  expect(refused?.headers['content-type']).toContain('application/problem+json');
  expect(JSON.parse(refused?.body ?? '')).toEqual({ type: 'about:blank', title: 'Bad Gateway', status: 502 });
  await b.listen();
  expect(new Set(await names(4))).toEqual(new Set(['a', 'b']));
});

it('never resends a request whose connection broke, whatever its method', async () => {
  await balancer.use([0, 1]);
  for (const upstream of [a, b]) upstream.reset();
  for (const method of ['GET', 'POST']) expect((await send({ method, path: '/break' })).status).toBe(502);
  expect([...a.seen, ...b.seen].map(({ method }) => method).toSorted()).toEqual(['GET', 'POST']);
});

it('refuses requests that are too large or have no path, and stays usable', async () => {
  await balancer.use([0]);
  a.reset();
  expect((await send({ headers: { 'x-large': 'x'.repeat(17_000) } })).status).toBe(431);
  expect((await send({ method: 'POST' }, 'x'.repeat(65_537))).status).toBe(413);
  expect((await send({ path: 'http://other.example/' })).status).toBe(400);
  expect(a.seen).toEqual([]);
  expect((await send({ method: 'POST', headers: { 'x-large': 'x'.repeat(15_000) } }, 'x'.repeat(65_536))).status).toBe(
    200,
  );
});

it('gives up on an upstream that does not answer in time, and on a client that has disconnected', async () => {
  const forwarder = new Forwarder({
    upstreams: [{ host: HOST, port: a.port }],
    choice: 'least-connections',
    within: { reply: 100 },
  });
  const server = forwarder.createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect((await send({ path: '/silent', agent: false }, undefined, port)).status).toBe(504);
  await forwarder.close();
  server.close();

  await balancer.use([0]);
  a.reset();
  const client = connect(balancer.address.port, HOST);
  client.write('GET /silent HTTP/1.1\r\nHost: x\r\n\r\n');
  await expect.poll(() => a.seen.length).toBe(1);
  client.destroy();
  // Its request at the upstream is cancelled.
  await expect.poll(() => a.seen[0]?.socket.destroyed).toBe(true);

  // So is one whose reply is queued behind another's on the same connection.
  a.reset();
  const pipelining = connect(balancer.address.port, HOST);
  pipelining.write(['/silent', '/large'].map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
  await expect.poll(() => a.seen.length).toBe(2);
  pipelining.destroy();
  await expect.poll(() => a.seen.map(({ socket }) => socket.destroyed)).toEqual([true, true]);
});

it('aborts a request that the client does not finish in time', async () => {
  const forwarder = new Forwarder({
    upstreams: [{ host: HOST, port: a.port }],
    choice: 'round-robin',
    within: { request: 300 },
  });
  const server = forwarder.createServer().listen(0, HOST);
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, HOST);
  client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf');
  const [head] = await once(client, 'data', { signal: AbortSignal.timeout(10_000) });
  expect(String(head)).toMatch(/^HTTP\/1\.1 408 /);
  client.destroy();
  await forwarder.close();
  server.close();
});

it('refuses a port that something else listens on, and leaves nothing behind', async () => {
  await expect(start(a.port)).rejects.toThrow(`the balancer cannot listen on port ${a.port} of ${HOST}: it is in use`);
  expect(deaths).toEqual([]);
});

it('reports once which of its processes ended unexpectedly', async () => {
  const doomed = await start(0, 1);
  for (const { pid } of doomed.processes) process.kill(pid, 'SIGKILL');
  await expect.poll(() => deaths).toEqual(['the balancer ended with SIGKILL']);
  await doomed.stop();
});
