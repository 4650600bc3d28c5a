/** The closed loop against servers with every kind of response that HTTP allows, and some that it does not. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Target } from '../protocol.ts';
import { closedSlice } from './closed.ts';
import { walkSlice } from './walk.ts';

const crlf = (...lines: string[]) => lines.join('\r\n');
const ok = (body: string, ...headers: string[]) =>
  crlf('HTTP/1.1 200 OK', ...headers, `content-length: ${body.length}`, '', body);
const OK = ok('ok');

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Served {
  readonly port: number;
  /** Requests that reached the server. */
  asked(): number;
  connections(): number;
  /** Connections that are open now. */
  open(): number;
}

/** Answers the nth request, counted from 0 over all connections. */
async function serve(answer: (socket: Socket, nth: number) => void): Promise<Served> {
  let asked = 0;
  let connections = 0;
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    connections++;
    open.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        text = text.slice(end + 4);
        answer(socket, asked++);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return { port, asked: () => asked, connections: () => connections, open: () => open.size };
}

function targetOf({ port }: Served, expectedBody: string | null = 'ok'): Target {
  const request = { method: 'GET', path: '/', headers: {}, expectedStatus: 200, expectedBody };
  return {
    key: 'raw',
    addresses: [{ host: '127.0.0.1', port }],
    requests: [request],
    processes: { replicas: [], redis: null },
  };
}

const WINDOW = { rampMs: 0, windowMs: 150 };
const CONNECTIONS = 3;
const load = (served: Served, expectedBody?: string | null) =>
  closedSlice(targetOf(served, expectedBody), { ...WINDOW, connections: CONNECTIONS });

describe('the closed loop', () => {
  it.each([
    ['in one piece', OK, (socket: Socket) => socket.write(OK)],
    [
      'in two pieces',
      OK,
      (socket: Socket) => {
        socket.write(OK.slice(0, 20));
        setImmediate(() => socket.write(OK.slice(20)));
      },
    ],
    [
      'in pieces of which the first is as long as other responses',
      ok('k'.repeat(200)),
      (socket: Socket, nth: number) => {
        const long = ok('k'.repeat(200));
        socket.write(long.slice(0, OK.length + nth));
        setImmediate(() => socket.write(long.slice(OK.length + nth)));
      },
    ],
    [
      'in chunks',
      null,
      (socket: Socket) =>
        socket.write(crlf('HTTP/1.1 200 OK', 'transfer-encoding: chunked', '', '1', 'o', '1', 'k', '0', '', '')),
    ],
  ])('counts every response that comes %s, and its bytes', async (_, whole, answer) => {
    const served = await serve((socket, nth) => answer(socket, nth % 20));
    const tally = await load(served, null);
    expect(tally.requests).toBeGreaterThan(CONNECTIONS);
    expect(tally).toMatchObject({ unexpected: 0, failed: 0, statuses: { 200: tally.requests } });
    expect(served.asked() - tally.requests).toBeLessThanOrEqual(2 * CONNECTIONS);
    if (whole !== null) expect(tally.responseBytes).toBe(tally.requests * whole.length);
  });

  it('counts each status, and other statuses or bodies as unexpected, even if they have the same length', async () => {
    const served = await serve((socket, nth) => {
      const response = [OK, OK.replace('200', '503'), ok('no'), OK][nth % 4];
      socket.write(response ?? '');
    });
    const tally = await closedSlice(targetOf(served), { ...WINDOW, connections: 1 });
    expect(tally.failed).toBe(0);
    expect(Object.keys(tally.statuses)).toEqual(['200', '503']);
    // One connection asks in order, so the shares are exact but for where the window begins and ends.
    expect(Math.abs((tally.statuses[503] ?? 0) - tally.requests / 4)).toBeLessThanOrEqual(1);
    expect(Math.abs(tally.unexpected - tally.requests / 2)).toBeLessThanOrEqual(1);
  });

  it('accepts a response only if its own request expects it', async () => {
    const served = await serve((socket) => socket.write(OK));
    const tally = await load(served, 'no');
    expect(tally.unexpected).toBe(tally.requests);
    expect(tally.requests).toBeGreaterThan(0);
  });

  it('opens a new connection if the server closes each one, and counts no failure', async () => {
    const served = await serve((socket) => socket.end(ok('ok', 'connection: close')));
    const tally = await load(served);
    expect(tally).toMatchObject({ unexpected: 0, failed: 0, statuses: { 200: tally.requests } });
    expect(tally.requests).toBeGreaterThan(CONNECTIONS);
    expect(served.connections()).toBeGreaterThan(tally.requests);
  });

  it('counts a request that the server cuts off as failed, and continues', async () => {
    const served = await serve((socket, nth) => {
      if (nth % 10 === 9) socket.end(OK.slice(0, -1));
      else socket.write(OK);
    });
    const tally = await closedSlice(targetOf(served), { ...WINDOW, connections: 1 });
    expect(tally.requests).toBeGreaterThan(10);
    expect(tally.failed).toBeGreaterThan(0);
    expect(Math.abs(tally.failed - tally.requests / 9)).toBeLessThanOrEqual(2);
  });

  it('closes a connection that sends more than one response, and never uses the second as an answer', async () => {
    const served = await serve((socket) => socket.write(OK + OK.replace('200', '503')));
    const tally = await load(served);
    expect(tally).toMatchObject({ requests: 0, unexpected: 0, statuses: {} });
    expect(tally.failed).toBeGreaterThan(CONNECTIONS);
    expect(served.connections()).toBeGreaterThan(CONNECTIONS);
  });

  it('counts a response that is not HTTP as failed', async () => {
    const tally = await load(await serve((socket) => socket.write('SSH-2.0-OpenSSH\r\n\r\n')));
    expect(tally).toMatchObject({ requests: 0, statuses: {} });
    expect(tally.failed).toBeGreaterThan(0);
  });

  it('ends on time without any response', async () => {
    const tally = await load(await serve(() => {}));
    expect(tally).toMatchObject({ requests: 0, failed: 0 });
  });

  it('names the server that it cannot connect to', async () => {
    const served = await serve(() => {});
    for (const close of closers.splice(0)) await close();
    await expect(load(served)).rejects.toThrow(`127.0.0.1:${served.port}`);
  });

  it('leaves no connection open if a worker cannot connect to one of its servers', async () => {
    const gone = await serve(() => {});
    for (const close of closers.splice(0)) await close();
    const good = await serve((socket) => socket.write(OK));
    const addresses = [good, gone].map(({ port }) => ({ host: '127.0.0.1', port }));
    const walk = walkSlice({ ...targetOf(good), addresses }, { ...WINDOW, walkers: 1, spreading: 'request' });
    await expect(walk).rejects.toThrow(`127.0.0.1:${gone.port}`);
    await vi.waitFor(() => expect([good.connections(), good.open()]).toEqual([1, 0]), { timeout: 5_000, interval: 5 });
  });

  it('takes no latencies, unlike the workers, which record each response', async () => {
    const served = await serve((socket) => socket.write(OK));
    expect(await load(served)).not.toHaveProperty('latency');
    const walked = await walkSlice(targetOf(served), { ...WINDOW, walkers: 2, spreading: 'connection' });
    expect(walked.latency).toBeDefined();
  });
});
