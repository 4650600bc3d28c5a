/** Every kind of connection reaches a service that listens on ::1 alone and is named localhost. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, getDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { expect, it } from 'vitest';
import { makeCertificate } from '../../fleet/certificate.ts';
import { WarmUpConnection } from '../warm-up/connection.ts';
import { Connection } from './connection.ts';
import { toReadyRequest } from './ready-request.ts';

const REQUEST = Buffer.from('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');

async function listening(server: Server, host = '::1'): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const end = (server: Server) => {
  server.closeAllConnections();
  server.close();
};

it('is reached by the connections of a load, over TCP and TLS', async () => {
  const { privateKey, certificate } = makeCertificate();
  const answer = (_: unknown, response: { end(text: string): void }) => response.end('ok');
  const servers = [createServer(answer), createTlsServer({ key: privateKey, cert: certificate }, answer)];
  for (const [i, server] of servers.entries()) {
    const port = await listening(server);
    const address = { host: 'localhost', port, ...(i === 0 ? {} : { certificate }) };
    const connection = await Connection.open(address);
    // A second response is read into the same memory, and equals the first.
    for (let times = 0; times < 2; times++) expect((await connection.request(REQUEST)).body.toString()).toBe('ok');
    connection.close();
    end(server);
  }
});

it('is reached by the connections of a warm-up', async () => {
  const server = createServer((_, response) => response.end('ok'));
  const port = await listening(server);
  const address = { host: 'localhost', port };
  const answers = await new Promise<number>((resolve, reject) => {
    const request = toReadyRequest(address, {
      method: 'GET',
      path: '/',
      headers: {},
      expectedStatus: 200,
      expectedBody: null,
    });
    const connection = new WarmUpConnection(address, request, {
      answered: (_, count) => {
        connection.close();
        resolve(count);
      },
      ended: () => {},
      failed: (reason) => reject(new Error(reason)),
    });
    connection.send(1);
  });
  expect(answers).toBe(1);
  end(server);
});

it('waits for a service on the first address while this process is held up', async () => {
  const server = createServer((_, response) => response.end('ok'));
  const port = await listening(server, '127.0.0.1');
  const opening = Connection.open({ host: 'localhost', port });
  // Longer than Node waits by default.
  const ms = getDefaultAutoSelectFamilyAttemptTimeout() + 200;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  (await opening).close();
  end(server);
});
