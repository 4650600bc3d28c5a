import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, it, vi } from 'vitest';
import { createRandom } from '../../../core/stats/random.ts';
import { Connection, ConnectionError } from '../connection/connection.ts';
import { PairedLoad, usualLengths } from './paired.ts';

it.each([
  [1, [50, 300]],
  [10, [50, 300]],
  [16, [64, 320]],
  [50, [100, 350]],
])('has turns of whole batches, two at least, with %i in flight', (inFlight, lengths) => {
  expect(usualLengths(inFlight, 8)).toEqual(lengths);
  for (const length of lengths) expect(length % inFlight).toBe(0);
});

it('uses one length for a single target, which is always busy', () => {
  expect(usualLengths(10, 1)).toEqual([300]);
});

interface Closing {
  /** Whether the last response of a connection announces its end. */
  readonly announces?: boolean;
  /** Status of the last response. */
  readonly status?: number;
}

/**
 * Answers with 200; closes a connection after this many responses, given the number of the connection: silently, as a
 * server does with idle ones, or by an announcement in the last response.
 */
async function startServer(
  answers: number | ((connection: number) => number),
  { announces = false, status = 200 }: Closing = {},
) {
  let connections = 0;
  let open = 0;
  const server = createServer((socket) => {
    connections++;
    open++;
    let left = typeof answers === 'number' ? answers : answers(connections);
    socket.on('error', () => {});
    socket.on('close', () => open--);
    socket.on('data', () => {
      const reply = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
      if (--left > 0) socket.write(reply);
      else {
        const last = reply.replace('200', String(status));
        socket.end(announces ? last.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n') : last);
      }
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  let built = 0;
  const request = {
    method: 'GET',
    path: '/',
    headers: {},
    get expectedStatus() {
      built++;
      return 200;
    },
    expectedBody: 'ok',
  };
  const { port } = server.address() as AddressInfo;
  return {
    target: {
      key: String(port),
      addresses: [{ host: '127.0.0.1', port }],
      requests: [request, request],
      processes: { replicas: [process.pid], redis: null },
    },
    connections: () => connections,
    /** How often a request was prepared from its description. */
    built: () => built,
    open: () => open,
    close: () => server.close(),
  };
}

it('reopens connections closed between two turns, without counting a failure', async () => {
  const servers = [await startServer(5), await startServer(Number.POSITIVE_INFINITY)];
  const load = await PairedLoad.open(servers.map(({ target }) => target));
  try {
    // Two lengths, so that no target has two turns in a row; each is five requests on each of two connections.
    const options = { rounds: 4, inFlight: 2, keys: null, lengths: [10, 10] };
    const tallies = await load.block(options, createRandom(1));
    const whole = { failed: 0, unexpected: 0 };
    expect(tallies).toMatchObject([whole, whole]);
    const [closing = 0, keeping] = servers.map(({ connections }) => connections());
    expect(closing).toBeGreaterThanOrEqual(16);
    expect(keeping).toBe(2);
  } finally {
    load.close();
    for (const { close } of servers) close();
  }
});

it('replaces connections that the server ends after a number of requests, and soon does so between turns', async () => {
  const servers = [await startServer(12, { announces: true }), await startServer(Number.POSITIVE_INFINITY)];
  const load = await PairedLoad.open(servers.map(({ target }) => target));
  try {
    // Each turn is five requests on each of two connections: the third turn would exceed the twelve.
    const options = { rounds: 6, inFlight: 2, keys: null, lengths: [10, 10] };
    const tallies = await load.block(options, createRandom(1));
    expect(tallies).toMatchObject([
      { failed: 0, unexpected: 0, statuses: { 200: 140 } },
      { failed: 0, unexpected: 0, statuses: { 200: 140 } },
    ]);
    // In fourteen turns once within one, the third. From then on a connection carries two turns, and no third.
    expect(servers.map(({ connections }) => connections())).toEqual([2 * 7, 2]);
    // A request keeps its proofs when its connection is replaced.
    expect(servers.map(({ built }) => built())).toEqual([2, 2]);
    // The last connections carried ten each. If there are no others, they carry their last two, and the rest fails.
    servers[0]?.close();
    const [last] = await load.block({ ...options, rounds: 1 }, createRandom(1));
    expect(last).toMatchObject({ unexpected: 0, statuses: { 200: 4 } });
  } finally {
    load.close();
    for (const { close } of servers) close();
  }
});

it.each([
  ['one connection that ended early', 200, 1, 2 + 1],
  // The limit seems known, so the next turn has two new connections, which carry more.
  ['two that ended early, for longer than a turn', 200, 2, 2 + 2 + 2],
  ['two that ended with an error', 503, 2, 2 + 2],
])('learns no limit from %s', async (_, status, early, connections) => {
  const answers = (connection: number) => (connection <= early ? 3 : Number.POSITIVE_INFINITY);
  const server = await startServer(answers, { announces: true, status });
  const load = await PairedLoad.open([server.target]);
  try {
    const [tally] = await load.block({ rounds: 6, inFlight: 2, keys: null, lengths: [10, 10] }, createRandom(1));
    expect(tally).toMatchObject({ failed: 0, unexpected: status === 200 ? 0 : early });
    expect(server.connections()).toBe(connections);
  } finally {
    load.close();
    server.close();
  }
});

it('leaves no connection open if one of the targets accepts none', async () => {
  const [good, gone] = [await startServer(5), await startServer(5)];
  gone.close();
  await expect(PairedLoad.open([good.target, gone.target])).rejects.toThrow(ConnectionError);
  await vi.waitFor(() => expect([good.connections(), good.open()]).toEqual([2, 0]), { timeout: 5_000, interval: 5 });
  good.close();
});

it('counts as failed what is sent to a server that accepts no more connections', async () => {
  const servers = [await startServer(5), await startServer(Number.POSITIVE_INFINITY)];
  const load = await PairedLoad.open(servers.map(({ target }) => target));
  try {
    servers[0]?.close();
    const open = vi.spyOn(Connection, 'open');
    const tallies = await load.block({ rounds: 2, inFlight: 2, keys: null, lengths: [10, 10] }, createRandom(1));
    expect(tallies).toMatchObject([{ statuses: { 200: 10 } }, { failed: 0 }]);
    expect(tallies[0]?.failed).toBeGreaterThanOrEqual(30);
    // Such an attempt may take seconds.
    expect(open).toHaveBeenCalledTimes(1);
  } finally {
    vi.restoreAllMocks();
    load.close();
    servers[1]?.close();
  }
});
