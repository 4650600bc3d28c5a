import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { createRandom } from '../../../core/stats/random.ts';
import { makeCertificate } from '../../fleet/certificate.ts';
import { PairedLoad } from '../paired/paired.ts';
import { Connection, ConnectionError } from './connection.ts';
import { requestBytes } from './request.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections();
});

async function tlsServer() {
  const { certificate, privateKey } = makeCertificate();
  const resumed: boolean[] = [];
  const server = createServer({ cert: certificate, key: privateKey }, (_request, response) => response.end('ok'));
  server.on('secureConnection', (socket: TLSSocket) => resumed.push(socket.isSessionReused()));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { address: { host: '127.0.0.1', port, certificate }, resumed };
}

function targetOf(address: { host: string; port: number; certificate: string }) {
  const request = { method: 'GET', path: '/', headers: {}, expectedStatus: 200, expectedBody: 'ok' };
  return { key: 'tls', addresses: [address], requests: [request], processes: { replicas: [process.pid], redis: null } };
}

it('keeps a TLS connection to a server with the expected certificate', async () => {
  const { address, resumed } = await tlsServer();
  const connection = await Connection.open(address);
  const bytes = requestBytes(address, { method: 'GET', path: '/' });
  for (let i = 0; i < 3; i++) expect((await connection.request(bytes)).body.toString()).toBe('ok');
  expect(resumed).toEqual([false]);
  connection.close();
});

it('refuses a server with another certificate', async () => {
  const { address } = await tlsServer();
  const other = { ...address, certificate: makeCertificate().certificate };
  await expect(Connection.open(other)).rejects.toBeInstanceOf(ConnectionError);
});

it('makes a full handshake for each new connection, unless a session is to be resumed', async () => {
  const { address, resumed } = await tlsServer();
  const load = await PairedLoad.open([targetOf(address)]);
  const connects = (resume: boolean) =>
    load.connect({ rounds: 2, connections: 3, resume, keys: null }, createRandom(1));
  const [full] = await connects(false);
  expect(full).toMatchObject({ requests: 6, unexpected: 0, failed: 0 });
  expect(resumed.splice(0)).toEqual(Array(7).fill(false));
  const [again] = await connects(true);
  expect(again).toMatchObject({ requests: 6, unexpected: 0, failed: 0 });
  expect(resumed).toEqual(Array(6).fill(true));
  load.close();
});
