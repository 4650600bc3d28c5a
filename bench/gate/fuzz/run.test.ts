import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withPatience } from '../once-served.ts';
import { answerTo } from './run.ts';

/** Answers the first so many requests with 503, and all others with 401. */
let late = 0;
let asked = 0;
const server = createServer((_, response) => {
  asked++;
  response.writeHead(late-- > 0 ? 503 : 401).end();
});
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  server.close();
});

const answered = () => {
  const { port } = server.address() as AddressInfo;
  const request = `GET /me HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`;
  return answerTo({ name: 'a read', request, mayPass: false }, { host: '127.0.0.1', port, certificate: null });
};

it('asks again if a store was late, and counts a 503 only if it lasts', async () => {
  late = 2;
  expect((await answered())?.status).toBe(401);
  expect(asked).toBe(3);
  late = Number.POSITIVE_INFINITY;
  expect((await withPatience(100, answered))?.status).toBe(503);
});
