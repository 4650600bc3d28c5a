import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { expect, it } from 'vitest';
import { readExposition } from '../../test/support/watching/exposition.ts';
import { plain, startCollector } from '../../test/support/watching/otlp.ts';
import { installMetrics } from './metrics.ts';
import { onRequestEnd, type RequestEnd } from './request-end.ts';
import { installTraces } from './traces.ts';

/**
 * Requests a slow route, disconnects when the handler has begun, and lets the handler reply once the server knows of
 * it. @returns the address of the server
 */
async function leave(app: FastifyInstance): Promise<string> {
  const [begun, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  app.get('/slow', async (request) => {
    request.raw.socket.once('close', gone.resolve);
    begun.resolve();
    await gone.promise;
    return 'too late';
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const client = new AbortController();
  const answer = fetch(`${url}/slow`, { signal: client.signal });
  await begun.promise;
  client.abort();
  await expect(answer).rejects.toThrow();
  await gone.promise;
  return url;
}

/** By then, any effect of a reply after the disconnect has happened. */
const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

it('is reported once for each request, answered or aborted', async () => {
  const app = fastify();
  const ends: [string | undefined, RequestEnd][] = [];
  onRequestEnd(app, (request, _reply, end) => ends.push([request.routeOptions.url, end]));
  app.get('/quick', async () => 'here');
  const url = await leave(app);
  await settled();
  expect(ends).toEqual([['/slow', 'left']]);
  await (await fetch(`${url}/quick`)).text();
  await app.inject('/quick');
  await app.close();
  expect(ends.slice(1)).toEqual([
    ['/quick', 'answered'],
    ['/quick', 'answered'],
  ]);
});

it('is reported for each pipelined request of a client that disconnects', async () => {
  const app = fastify();
  const ends: [string, RequestEnd][] = [];
  const [both, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  onRequestEnd(app, ({ url }, _reply, end) => {
    ends.push([url, end]);
    if (ends.length === 3) gone.resolve();
  });
  app.get('/quick', async () => 'here');
  app.get('/first', () => gone.promise);
  app.get('/second', () => {
    both.resolve();
    return gone.promise;
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  client.write(['/quick', '/first', '/second'].map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
  await Promise.all([both.promise, once(client, 'data')]);
  client.destroy();
  await gone.promise;
  await settled();
  await app.close();
  expect(ends).toEqual([
    ['/quick', 'answered'],
    ['/first', 'left'],
    ['/second', 'left'],
  ]);
});

it('is counted in the metrics if the client has disconnected', async () => {
  const app = fastify();
  await installMetrics(app);
  await leave(app);
  await settled();
  const { samples } = readExposition((await app.inject('/metrics')).body);
  const counts = samples.filter(({ name }) => name === 'tollgate_replica_request_seconds_count');
  expect(counts.map(({ labels, value }) => [labels, value])).toEqual([
    [{ method: 'GET', route: '/slow', status: 'left' }, 1],
  ]);
  await app.close();
});

it('has a span if the client has disconnected', async () => {
  const collector = await startCollector();
  const app = fastify();
  app.decorate('spanCounts', null);
  await installTraces(app, collector.url, 'none');
  await leave(app);
  await settled();
  expect(app.spanCounts?.().made).toBe(1);
  await app.close();
  collector.close();
  expect(collector.spans().map(({ attributes, status }) => [plain(attributes), status.code])).toEqual([
    [{ 'http.request.method': 'GET', 'http.route': '/slow', 'error.type': 'left' }, 2],
  ]);
});
