import { createServer, type Server } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { gapMs, RevocationMark, Sightings, watchUse } from './watch.ts';

const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server[Symbol.asyncDispose]())));

it('takes the last acceptance and the first refusal that is not contradicted', () => {
  const sightings = new Sightings();
  sightings.accepted(1);
  sightings.refused(4);
  // A cache that was refilled with a stale entry.
  sightings.accepted(6);
  for (const at of [8, 10, 12, 14]) sightings.refused(at);
  expect(sightings.settled).toBe(false);
  sightings.refused(16);
  expect(sightings.settled).toBe(true);
  expect(sightings.sighting).toEqual({ lastAcceptedMs: 6, firstRefusedMs: 8 });
});

it('probes frequently at first, and then at a constant share of the elapsed time', () => {
  expect([0, 10, 40, 400, 4000].map(gapMs)).toEqual([2, 2, 2, 20, 200]);
});

/** Answers the given number of requests after `revoke` with 200, then all with 401. */
async function honours(acceptedAfterwards: number, closes = false) {
  let left = Number.POSITIVE_INFINITY;
  const server = createServer((_request, response) => {
    if (closes) response.setHeader('connection', 'close');
    response.statusCode = left-- > 0 ? 200 : 401;
    response.end();
  });
  servers.push(server);
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  const revoke = () => {
    left = acceptedAfterwards;
  };
  return { address: { host: '127.0.0.1', port }, revoke };
}

const READ = Buffer.from('GET /me HTTP/1.1\r\nhost: a\r\n\r\n');
const judge = ({ status }: { status: number }) => (status === 200 ? 'accepted' : status === 401 ? 'refused' : 'other');

it('sees nothing accepted if a credential is refused at once', async () => {
  const server = await honours(0);
  const mark = new RevocationMark();
  const watching = watchUse({
    address: server.address,
    wire: () => READ,
    judge,
    mark,
    limitMs: 10_000,
    signal: new AbortController().signal,
  });
  server.revoke();
  mark.set(performance.now());
  const watched = await watching;
  expect(watched.lastAcceptedMs).toBeNull();
  expect(watched.firstRefusedMs).toBeGreaterThan(0);
  expect(watched.unexpected).toBe(0);
});

it('finds the last of several accepted requests, and stops probing one that is never refused', async () => {
  const lingering = await honours(10);
  const mark = new RevocationMark();
  const watching = watchUse({
    address: lingering.address,
    wire: () => READ,
    judge,
    mark,
    limitMs: 10_000,
    signal: new AbortController().signal,
  });
  lingering.revoke();
  mark.set(performance.now());
  const { lastAcceptedMs, firstRefusedMs } = await watching;
  expect(lastAcceptedMs ?? 0).toBeGreaterThan(0);
  expect(firstRefusedMs ?? 0).toBeGreaterThan(lastAcceptedMs ?? 0);

  const endless = await honours(Number.POSITIVE_INFINITY);
  const never = await watchUse({
    address: endless.address,
    wire: () => READ,
    judge,
    mark,
    limitMs: 0,
    signal: new AbortController().signal,
  });
  expect(never.firstRefusedMs).toBeNull();
});

it('continues if a server closes the connection after each response', async () => {
  const server = await honours(3, true);
  const mark = new RevocationMark();
  server.revoke();
  mark.set(performance.now());
  const { signal } = new AbortController();
  const watched = await watchUse({ address: server.address, wire: () => READ, judge, mark, limitMs: 10_000, signal });
  expect(watched.statuses).toEqual({ 200: 3, 401: 5 });
});
