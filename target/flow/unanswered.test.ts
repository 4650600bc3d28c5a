/** What a request says that got no complete answer: what truly happened, and what to do. */
import { once } from 'node:events';
import { createServer as createHttp2 } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { makeCertificate } from '../../bench/fleet/certificate.ts';
import { sent } from './login.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that runs `answer` on each connection once it has a request. */
async function answering(answer: (socket: Socket) => void, host = '127.0.0.1'): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
  }).listen(0, host);
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const ask = (port: number, host = '127.0.0.1') =>
  sent({ host, port, certificate: null }, { method: 'GET', path: '/me' });

it('says after how many bytes of what a server closed the connection', async () => {
  const head = (fields: string) => `HTTP/1.1 200 OK\r\n${fields}\r\n\r\n`;
  const cut = gzipSync('hello '.repeat(1000)).subarray(0, 20);
  const cases: [answer: string | Buffer, says: string, hint: RegExp][] = [
    ['', 'before it answered', /see the output of the service; HTTP\/2 alone is not supported/],
    ['HTTP/1.1 200 OK\r\nx: 1', 'after 21 bytes of the headers', /^see the output/],
    ['H', 'after 1 byte of the headers', /^see the output/],
    [`${head('content-length: 40')}hello`, 'after 5 of 40 bytes of the body', /^see the output/],
    [`${head('transfer-encoding: chunked')}5\r\nhello\r\n`, 'after 5 bytes of a chunked body', /^see the output/],
    ['HTTP/1.1 103 Early Hints\r\n\r\n', 'after an interim response of 28 bytes', /^see the output/],
    ['\0\0\x06', 'after 3 bytes that are not HTTP/1.1', /HTTP\/2 alone is not enough/],
    ['220 mail.example ESMTP\r\n\r\n', 'not an HTTP/1.1 response', /HTTP\/2 alone is not enough/],
    [
      Buffer.concat([Buffer.from(head('content-encoding: gzip\r\nconnection: close')), cut]),
      'ended within its gzip data, after 20 bytes',
      /^correct the length/,
    ],
  ];
  for (const [answer, says, hint] of cases) {
    const port = await answering((socket) => socket.end(answer));
    await expect(ask(port), says).rejects.toMatchObject({
      message: expect.stringContaining(says),
      hint: expect.stringMatching(hint),
    });
  }
});

it('says that a server reset the connection, and not that it needs HTTP/1.1', async () => {
  const port = await answering((socket) => socket.resetAndDestroy());
  await expect(ask(port)).rejects.toMatchObject({
    message: 'GET /me: the server reset the connection before it answered',
    hint: expect.stringContaining('see the output of the service'),
  });
});

it('recognises HTTP/2 by its bytes', async () => {
  const server = createHttp2().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    await expect(ask(port)).rejects.toMatchObject({
      message: expect.stringContaining('not HTTP/1.1'),
      hint: 'the service must support HTTP/1.1; HTTP/2 alone is not enough',
    });
  } finally {
    server.close();
  }
});

it('says that a port speaks HTTPS', async () => {
  const { privateKey, certificate } = makeCertificate();
  const server = createTlsServer({ key: privateKey, cert: certificate }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await expect(ask(port)).rejects.toMatchObject({ hint: 'it speaks HTTPS on this port: use https://' });
});

it('reaches localhost at either address, and names the one that a service listens on alone', async () => {
  const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
  const sixth = await answering((socket) => socket.end(ok), '::1');
  const fourth = await answering((socket) => socket.end(ok));
  for (const port of [sixth, fourth]) expect((await ask(port, 'localhost')).text).toBe('ok');
  await expect(ask(sixth)).rejects.toMatchObject({
    hint: `it listens on ::1 only: use http://[::1]:${sixth}, or http://localhost:${sixth}`,
  });
  await expect(ask(fourth, '::1')).rejects.toMatchObject({
    hint: `it listens on 127.0.0.1 only: use http://127.0.0.1:${fourth}, or http://localhost:${fourth}`,
  });
});

it('names both addresses of localhost if nothing listens', async () => {
  const port = await answering(() => {});
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  await expect(ask(port, 'localhost')).rejects.toMatchObject({
    message: expect.stringMatching(/ECONNREFUSED 127\.0\.0\.1:\d+, connect ECONNREFUSED ::1:\d+/),
    hint: 'check that the service is running on this port',
  });
});
