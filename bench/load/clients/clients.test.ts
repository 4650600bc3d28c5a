import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import { createRandom } from '../../../core/stats/random.ts';
import { Connection } from '../connection/connection.ts';
import { Clients } from './clients.ts';

const servers: Server[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const server of servers.splice(0)) server.closeAllConnections();
});

async function bodyOf(request: IncomingMessage): Promise<Record<string, string>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? {} : JSON.parse(text);
}

/**
 * Issues numbered tokens, refuses any that is not live, and records requests. @param endsAfter the number of requests
 * after which it accepts no more connections; each then gets a new connection
 */
async function tokenServer({ endsAfter = Number.POSITIVE_INFINITY } = {}) {
  const live = new Set<string>();
  const log: string[] = [];
  let issued = 0;
  let requests = 0;
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    if (endsAfter < Number.POSITIVE_INFINITY) response.setHeader('connection', 'close');
    if (++requests === endsAfter) server.close();
    const grant = (username: string) => {
      const token = `t${issued++}`;
      live.add(token);
      const user = { id: '1', username, roles: [] };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ user, accessToken: token, refreshToken: token, csrfToken: `c-${token}` }));
    };
    const refuse = () => response.writeHead(401, { 'content-length': 0 }).end();
    if (request.url === '/login') {
      log.push(`login ${body.username}`);
      grant(body.username ?? '');
    } else if (request.url === '/refresh') {
      log.push('refresh');
      if (live.delete(body.refreshToken ?? '')) grant('again');
      else refuse();
    } else {
      const token = (request.headers.authorization ?? '').replace('Bearer ', '');
      log.push('logout');
      if (live.delete(token) && request.headers['x-csrf-token'] === `c-${token}`) response.writeHead(204).end();
      else refuse();
    }
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { live, log, port };
}

function clientsOf(port: number) {
  const users = ['ada', 'bob', 'eve'].map((username) => ({ username, password: 'x' }));
  const processes = { replicas: [process.pid], redis: null };
  return new Clients([{ key: 'tokens', addresses: [{ host: '127.0.0.1', port }], users, processes }]);
}

const options = { rounds: 2, batches: 3, inFlight: 2, keys: null };

describe('clients', () => {
  it('log in as alternating users, refresh their tokens, and log out completely', async () => {
    const { live, log, port } = await tokenServer();
    const clients = clientsOf(port);
    const operate = async (operation: 'login' | 'refresh' | 'logout') => {
      const [tally] = await clients.operate({ ...options, operation }, createRandom(1));
      return tally;
    };
    expect(await operate('login')).toMatchObject({ requests: 12, unexpected: 0, failed: 0, statuses: { 200: 12 } });
    expect(live.size).toBe(12);
    expect(log.filter((line) => line === 'login bob')).toHaveLength(4);
    // A used token would be refused: each refresh sends the newest.
    expect(await operate('refresh')).toMatchObject({ requests: 12, unexpected: 0 });
    expect(await operate('refresh')).toMatchObject({ requests: 12, unexpected: 0 });
    expect(live.size).toBe(12);
    expect(await operate('logout')).toMatchObject({ requests: 12, unexpected: 0, statuses: { 204: 12 } });
    expect(live.size).toBe(0);
    // No session is left, so no request is sent.
    expect(await operate('logout')).toMatchObject({ requests: 0, failed: 0 });
    clients.close();
  });

  it('count refusals as unexpected', async () => {
    const { live, port } = await tokenServer();
    const clients = clientsOf(port);
    await clients.operate({ ...options, operation: 'login' }, createRandom(1));
    live.clear();
    const [tally] = await clients.operate({ ...options, operation: 'logout' }, createRandom(1));
    expect(tally).toMatchObject({ requests: 12, unexpected: 12, statuses: { 401: 12 } });
    clients.close();
  });

  it('try a server that accepts no more connections once, and count the rest as failed', async () => {
    const { port } = await tokenServer({ endsAfter: 2 });
    const clients = clientsOf(port);
    const open = vi.spyOn(Connection, 'open');
    const [tally] = await clients.operate({ ...options, rounds: 4, operation: 'login' }, createRandom(1));
    expect(tally).toMatchObject({ statuses: { 200: 2 }, failed: 22 });
    // Two at first, and one attempt, which may take seconds.
    expect(open).toHaveBeenCalledTimes(3);
    clients.close();
  });

  const probe = { method: 'GET', path: '/me', headers: {}, expectedStatus: 401, expectedBody: null };

  it('storm: log in until the time is over, each login timed, with a steady stream alongside', async () => {
    const { log, port } = await tokenServer();
    const clients = clientsOf(port);
    const storm = await clients.storm({ key: 'tokens', inFlight: 4, durationMs: 100, probe, probesPerSecond: 100 });
    expect(storm.logins.requests).toBe(log.filter((line) => line.startsWith('login')).length);
    expect(storm.logins.requests).toBeGreaterThanOrEqual(4);
    expect(LatencyHistogram.decode(storm.loginLatency).count).toBe(storm.logins.requests);
    expect(storm.logins.durationMs).toBeGreaterThanOrEqual(100);
    // Every 10 ms from the start, however late a timer came.
    expect(storm.probes).toMatchObject({ requests: 10, unexpected: 0, failed: 0 });
    expect(LatencyHistogram.decode(storm.probeLatency).count).toBe(10);
    clients.close();
  });

  it('start with a calm period, in which nobody logs in', async () => {
    const { log, port } = await tokenServer();
    const clients = clientsOf(port);
    const calm = await clients.storm({ key: 'tokens', inFlight: 0, durationMs: 50, probe, probesPerSecond: 100 });
    expect(calm.logins.requests).toBe(0);
    expect(calm.probes.requests).toBe(5);
    expect(log.filter((line) => line.startsWith('login'))).toEqual([]);
    clients.close();
  });
});
