import { once } from 'node:events';
import { type AddressInfo, connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, it } from 'vitest';
import { makeCertificate } from '../../bench/fleet/certificate.ts';
import { thenEnding } from '../../core/errors.ts';
import { createFastify } from '../../servers/http/fastify.ts';

const HOST = '127.0.0.1';
const LIMIT_MS = 300;

it.each([
  { name: 'plain', tls: undefined },
  { name: 'TLS', tls: makeCertificate() },
])('ends a request that a client does not finish in time, over $name', async ({ tls }) => {
  const app = createFastify(tls, [], LIMIT_MS);
  app.post('/', async () => 'ok');
  await app.listen({ host: HOST, port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const client = tls ? connectTls({ host: HOST, port, ca: tls.certificate }) : connectPlain(port, HOST);
  await thenEnding(
    async () => {
      client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\nhalf');
      const [head] = await once(client, 'data', { signal: AbortSignal.timeout(10_000) });
      expect(String(head)).toMatch(/^HTTP\/1\.1 408 /);
    },
    () => client.destroy(),
    () => app.close(),
  );
});
