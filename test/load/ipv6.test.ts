import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runClosed } from '../../bench/calibrate/drivers/autocannon.ts';
import { runOwnClosed } from '../../bench/calibrate/drivers/own-closed.ts';
import { loopbackAddress } from '../../bench/calibrate/loopback.ts';
import { Forwarder } from '../../bench/fleet/balancer/forward.ts';
import { call } from '../../bench/gate/http.ts';
import { closedSlice } from '../../bench/load/closed/closed.ts';
import { authorityOf } from '../../bench/load/connection/authority.ts';
import { openRequests } from '../../bench/load/connection/request.ts';
import { OpenGenerator } from '../../bench/load/open/client.ts';
import { ConnectionPools } from '../../bench/load/pool/pool.ts';
import { thenEnding } from '../../core/errors.ts';
import { endpointOf } from '../../target/flow/endpoint.ts';

/** A server on IPv6 loopback that answers only requests whose `Host` is in the form of a URL. */
let server: Server;
let url: URL;
const refused: string[] = [];

beforeAll(async () => {
  server = createServer(({ headers }, reply) => {
    const isRight = headers.host === url.host;
    if (!isRight) refused.push(String(headers.host));
    reply.writeHead(isRight ? 200 : 400, { 'content-length': 2 }).end('{}');
  });
  server.listen(0, '::1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it has no port');
  url = new URL(`http://[::1]:${address.port}/me`);
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const { signal } = new AbortController();
const load = { connections: 2, seconds: 0.2, timeoutMs: 1_000 };
const requests = [{ method: 'GET', path: '/me', headers: {}, expectedStatus: 200, expectedBody: null }];

it('is reached at a URL with an IPv6 address by every load, with the `Host` of the URL', async () => {
  const address = await loopbackAddress(url);
  expect(address).toEqual({ host: '::1', port: Number(url.port) });
  const endpoint = endpointOf(url, null);
  expect(await call(endpoint, { method: 'GET', path: '/me' })).toMatchObject({ status: 200 });
  const own = await runOwnClosed({ ...load, address, path: '/me' }, signal);
  expect([own.answered > 0, own.failed]).toEqual([true, 0]);
  const cannon = await runClosed({ ...load, url: `http://${authorityOf(address)}/me` }, signal);
  expect([cannon.answered > 0, cannon.failed]).toEqual([true, 0]);
  const target = { key: 'six', addresses: [address], requests, processes: { replicas: [process.pid], redis: null } };
  const closed = await closedSlice(target, { connections: 2, rampMs: 20, windowMs: 200 });
  expect([closed.requests > 0, closed.unexpected, closed.failed]).toEqual([true, 0, 0]);
  // Autocannon's clients, one per connection.
  const pools = await ConnectionPools.open([{ key: 'six', target, connections: 2, sequence: null }]);
  await thenEnding(
    async () => {
      const pool = await pools.run('six', { addresses: [0], perAddress: 2, rampMs: 20, windowMs: 200 });
      expect([pool.requests > 0, pool.unexpected, pool.failed]).toEqual([true, 0, 0]);
    },
    () => pools.close(),
  );
  const open = new OpenGenerator();
  await thenEnding(
    async () => {
      const options = { targets: [address], requests: openRequests([address], requests), ratePerSecond: 200 };
      const rest = { durationMs: 200, warmupMs: 0, arrivals: 'uniform' as const, seed: 1, timeoutMs: 2_000 };
      const result = await open.run({ ...options, ...rest, connections: 2, maxConnections: 4 }, signal);
      expect([result.answered, result.unexpected]).toEqual([40, 0]);
    },
    () => open.stop(),
  );
  expect(() => new Forwarder({ upstreams: [address], choice: 'round-robin' })).not.toThrow();
  expect(refused).toEqual([]);
});
