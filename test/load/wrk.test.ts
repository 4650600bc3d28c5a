/** A second load generator sends the same requests as ours, and exposes no credentials. */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Target } from '../../bench/load/protocol.ts';
import { wrkPath } from '../../bench/load/wrk/program.ts';
import { wrkSlice } from '../../bench/load/wrk/wrk.ts';

const USERS = ['alice', 'bob', 'carol'];
const secretOf = (user: string) => `Bearer secret-of-${user}`;
const servers: Server[] = [];
/** Requests by server number, `host` and user. */
const seen = new Map<string, number>();
let target: Target;

beforeAll(async () => {
  for (let place = 0; place < 2; place++) {
    const server = createServer(({ headers, method, url }, response) => {
      const user = USERS.find((name) => headers.authorization === secretOf(name));
      const isOurs = headers.host === hostOf(server) && method === 'GET' && url === '/me';
      const who = `${place} ${isOurs ? user : 'nobody'}`;
      seen.set(who, (seen.get(who) ?? 0) + 1);
      response.writeHead(user === 'carol' ? 403 : 200, { 'content-length': 2 }).end('ok');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
  }
  target = {
    key: 'two',
    addresses: servers.map((server) => ({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })),
    requests: USERS.map((user) => ({
      method: 'GET',
      path: '/me',
      headers: { authorization: secretOf(user) },
      expectedStatus: 200,
      expectedBody: null,
    })),
    processes: { replicas: [process.pid], redis: null },
  };
});
afterAll(() => {
  for (const server of servers) server.close();
});
const hostOf = (server: Server) => `127.0.0.1:${(server.address() as AddressInfo).port}`;

it('sends every user’s request to every replica, counts the answers, and exposes no credential', async () => {
  let folder = '';
  let words = '';
  let mode = 0;
  const tally = await wrkSlice(target, {
    connections: 6,
    seconds: 1,
    beside: process.pid,
    signal: new AbortController().signal,
    watchDirectory: (path) => {
      folder = path;
    },
    watch: ({ pid }) => {
      words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      const [script = ''] = readdirSync(folder);
      mode = statSync(join(folder, script)).mode & 0o777;
    },
  });
  expect([...seen.keys()].toSorted()).toEqual(['0', '1'].flatMap((place) => USERS.map((user) => `${place} ${user}`)));
  const asked = [...seen.values()].reduce((sum, count) => sum + count, 0);
  // Requests in flight when wrk ended were not answered, and one answer per connection may be unread.
  expect(asked - tally.requests).toBeLessThanOrEqual(2 * 6);
  expect(tally.requests).toBeLessThanOrEqual(asked);
  const refused = (seen.get('0 carol') ?? 0) + (seen.get('1 carol') ?? 0);
  expect(Math.abs(tally.unexpected - refused)).toBeLessThanOrEqual(2 * 6);
  expect(tally).toMatchObject({ key: 'two', failed: 0, answered: tally.requests });
  expect(tally.durationMs).toBeGreaterThanOrEqual(1000);
  expect(tally.generatorCpuNs).toBeGreaterThan(0);
  expect(tally.replicaCpuNs?.[0]).toBeGreaterThan(0);
  expect(words).not.toContain('secret-of');
  expect(mode).toBe(0o600);
  expect(existsSync(folder)).toBe(false);
});

it('repeats the message of wrk if it fails', async () => {
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as AddressInfo;
  gone.close();
  await once(gone, 'close');
  const slice = wrkSlice(
    { ...target, addresses: [{ host: '127.0.0.1', port }] },
    {
      connections: 1,
      seconds: 1,
      beside: process.pid,
      signal: new AbortController().signal,
      watchDirectory: () => {},
      watch: () => {},
    },
  );
  await expect(slice).rejects.toThrow(/^wrk ended with 1: "unable to connect to 127\.0\.0\.1/);
});

it('says how to install wrk if it is missing', () => {
  expect(() => wrkPath('/nowhere')).toThrow(expect.objectContaining({ hint: 'install it: npm run setup -- wrk' }));
});
