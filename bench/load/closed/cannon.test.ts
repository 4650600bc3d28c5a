/** What autocannon sends besides headers. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import autocannon from 'autocannon';
import { expect, it } from 'vitest';
import { cannonFor } from './cannon.ts';

it('sends the JSON or the form of a request', async () => {
  const seen = new Set<string>();
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    seen.add(`${request.headers['content-type']} ${Buffer.concat(chunks)}`);
    response.end('ok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const request = { method: 'POST', path: '/', headers: {}, expectedStatus: 200, expectedBody: 'ok' };
  const target = {
    key: 'a',
    addresses: [{ host: '127.0.0.1', port }],
    requests: [
      { ...request, form: 'token=a%20b' },
      { ...request, body: { token: 'é' } },
    ],
    processes: { replicas: [process.pid], redis: null },
  };
  try {
    await autocannon({ ...cannonFor(target, { connections: 2 }).settings, amount: 4 });
    expect([...seen].sort()).toEqual([
      'application/json {"token":"é"}',
      'application/x-www-form-urlencoded token=a%20b',
    ]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
