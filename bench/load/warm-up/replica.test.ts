/** A warm-up of servers that end their connections after a number of requests. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { toReadyRequest } from '../connection/ready-request.ts';
import { warmReplica } from './replica.ts';

/** @param answers for each connection */
async function warmed(answers: number) {
  const server = createServer((_, response) => void response.end('ok'));
  server.maxRequestsPerSocket = answers;
  let connections = 0;
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const address = { host: '127.0.0.1', port };
    const request = { method: 'GET', path: '/', headers: {}, expectedStatus: 200, expectedBody: 'ok' };
    const ready = toReadyRequest(address, request);
    const replica = { address, pid: null, requests: [ready, ready] };
    const limits = { atLeast: 6_000, atMost: 12_000 };
    return { ...(await warmReplica(replica, limits, performance.now() + 60_000)), connections };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

it('opens new connections, and loses no request', async () => {
  const { connections, ...result } = await warmed(100);
  expect(result).toMatchObject({ fault: null, isWarm: true });
  expect(result.requests).toBeGreaterThanOrEqual(6_000);
  expect(connections).toBeGreaterThanOrEqual(result.requests / 100);
});

it('ends with the reason if a connection carries only a few requests', async () => {
  const { fault, isWarm } = await warmed(5);
  expect(fault).toBe('the server closes the connection after 5 responses');
  expect(isWarm).toBe(false);
});
