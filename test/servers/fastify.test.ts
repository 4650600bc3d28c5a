import { once } from 'node:events';
import { type AddressInfo, connect as connectPlain } from 'node:net';
import tls, { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

describe('behind TLS, whatever the defaults of Node are', () => {
  const { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS } = tls;
  beforeEach(() => {
    // As with --tls-min-v1.0. OpenSSL has TLS 1.1 at its lowest level of security alone.
    Object.assign(tls, { DEFAULT_MIN_VERSION: 'TLSv1', DEFAULT_CIPHERS: 'DEFAULT@SECLEVEL=0' });
  });
  afterEach(() => {
    Object.assign(tls, { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS });
  });

  /** @returns the version of TLS that was agreed, or the code of the refusal */
  async function spoken(version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<string | null> {
    const certificate = makeCertificate();
    const app = createFastify(certificate, []);
    await app.listen({ host: HOST, port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const versions = { minVersion: version, maxVersion: version };
    const client = connectTls({ host: HOST, port, ca: certificate.certificate, ...versions });
    return thenEnding(
      () =>
        once(client, 'secureConnect', { signal: AbortSignal.timeout(10_000) }).then(
          () => client.getProtocol(),
          ({ code }: NodeJS.ErrnoException) => code ?? null,
        ),
      () => client.destroy(),
      () => app.close(),
    );
  }

  it('speaks TLS 1.2 and 1.3', async () => {
    expect([await spoken('TLSv1.2'), await spoken('TLSv1.3')]).toEqual(['TLSv1.2', 'TLSv1.3']);
  });

  it('refuses TLS 1.1', async () => {
    expect(await spoken('TLSv1.1')).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  });
});
