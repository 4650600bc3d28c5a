/** Services are started as processes, and nothing of them, or of their children, is left. */

import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { call } from '../../bench/gate/http.ts';
import { Connection } from '../../bench/load/connection/connection.ts';
import { CpuAccounts } from '../../bench/processes/accounts.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { parseService, type Service } from '../../target/config/service.ts';
import { type ServiceFleet, startService } from '../../target/process/fleet.ts';
import { CommandGroup } from '../../target/process/group.ts';
import { until } from '../support/bench-process.ts';

const ODD = join(import.meta.dirname, '../support/services/odd.ts');

let janitor: Janitor;
let accounts: CpuAccounts | null;
let notes: string[];
let deaths: string[];
beforeEach(async () => {
  janitor = await Janitor.start();
  accounts = CpuAccounts.openIfPossible(janitor);
  notes = [];
  deaths = [];
});
afterEach(() => janitor.finish());

function odd(way: string, start: object = {}): Service {
  const config = {
    name: 'odd',
    start: { command: [process.execPath, ODD, way || 'serves'], replicas: 1, ...start },
    users: [{ username: 'alice', password: { env: 'PASSWORD' } }],
    login: {
      request: { method: 'POST', path: '/login', json: { u: '{{username}}', p: '{{password}}' } },
      credential: { cookie: 'sid' },
    },
    requests: { guarded: { path: '/me' } },
  };
  return parseService('service.json', JSON.stringify(config), {
    folder: import.meta.dirname,
    env: { ...process.env, PASSWORD: 'correct-horse' },
  });
}

function start(service: Service, signal = new AbortController().signal): Promise<ServiceFleet> {
  const environment = { janitor, accounts, signal, onNote: (text: string) => void notes.push(text) };
  return startService(service, environment, ({ message }) => void deaths.push(message));
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function refusal(service: Service): Promise<{ message: string; hint: string }> {
  try {
    const fleet = await start(service);
    await fleet.stop();
  } catch (error) {
    if (error instanceof Error && 'hint' in error) return { message: error.message, hint: String(error.hint) };
    throw error;
  }
  throw new Error('it started');
}

it('reaches a replica that listens on ::1 alone, as localhost may be, with or without a readiness probe', async () => {
  for (const ready of [{}, { ready: { path: '/' } }]) {
    const fleet = await start(odd('ipv6', ready));
    const [replica] = fleet.replicas;
    if (replica === undefined) throw new Error('it has no replica');
    expect(replica.endpoint.host).toBe('::1');
    expect((await call(replica.endpoint, { method: 'GET', path: '/' })).status).toBe(200);
    await fleet.stop();
  }
});

it('takes no other process on ::1 for a replica that is starting', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-port-'));
  const file = join(folder, 'port');
  const interrupt = new AbortController();
  let probes = 0;
  const stranger = createServer((socket) => {
    socket.destroy();
    // The first probe was not enough to take it for the replica.
    if (++probes === 2) interrupt.abort(new Error('interrupted'));
  });
  try {
    const service = odd('tells-port', { environment: { TELLS: file }, readyWithinSeconds: 120 });
    const starting = start(service, interrupt.signal);
    starting.catch(() => {});
    const port = await until('the service told its port', () => existsSync(file) && Number(readFileSync(file, 'utf8')));
    stranger.listen(port, '::1');
    await once(stranger, 'listening');
    await expect(starting).rejects.toThrow('interrupted');
  } finally {
    interrupt.abort();
    stranger.close();
    rmSync(folder, { recursive: true });
  }
});

it('says how a replica on 127.0.0.1 failed its probe, although another process listens on ::1', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-port-'));
  const file = join(folder, 'port');
  const stranger = createServer((socket) => socket.destroy());
  try {
    const command = ['sh', '-c', 'printf %s "$PORT" > "$TELLS"; exec "$0" "$1"', process.execPath, ODD];
    const ready = { path: '/healthz', status: 204 };
    const refused = refusal(odd('', { command, ready, readyWithinSeconds: 5, environment: { TELLS: file } }));
    const port = await until('the service told its port', () => existsSync(file) && Number(readFileSync(file, 'utf8')));
    stranger.listen(port, '::1');
    await once(stranger, 'listening');
    expect((await refused).message).toMatch(/\/healthz returned 200, not 204$/);
  } finally {
    stranger.close();
    rmSync(folder, { recursive: true });
  }
});

it('says why a readiness probe failed that was answered in part', async () => {
  const { message } = await refusal(odd('closes', { ready: { path: '/' }, readyWithinSeconds: 5 }));
  expect(message).toContain('/: the server closed the connection after 4 of 9 bytes of the body');
});

it('starts each replica on its own port, and leaves none behind', async () => {
  const fleet = await start(odd('', { replicas: 3 }));
  const ports = fleet.replicas.map(({ endpoint }) => endpoint.port);
  expect(new Set(ports).size).toBe(3);
  for (const { endpoint } of fleet.replicas) {
    expect((await call(endpoint, { method: 'GET', path: '/' })).status).toBe(200);
  }
  await fleet.stop();
  expect(fleet.replicas.map(({ pid }) => isRunning(pid ?? 0))).toEqual([false, false, false]);
  expect(notes).toEqual([]);
  expect(deaths).toEqual([]);
});

it('passes the port as an argument if configured, and then sets no PORT', async () => {
  const service = odd('', {
    command: ['sh', '-c', 'TELLS="port $PORT." PORT={{port}} exec "$0" "$1"', process.execPath, ODD],
  });
  const fleet = await start(service);
  const [replica] = fleet.replicas;
  const answer = await call(replica?.endpoint ?? { host: '', port: 0, certificate: null }, {
    method: 'GET',
    path: '/',
  });
  expect(answer.text).toBe('port .');
  await fleet.stop();
});

it('reports how a service that cannot start ended, and hides its secrets', async () => {
  const { message } = await refusal(odd('exits', { environment: { TELLS: 'a:correct-horse' } }));
  expect(message).toBe('replica 1 of odd ended with exit code 3: cannot connect to ***');
});

it('reports the actual port of a service that opened another one', async () => {
  const { message, hint } = await refusal(odd('other-port', { readyWithinSeconds: 1.5 }));
  expect(message).toMatch(/^replica 1 of odd was not ready within 1.5 s: nothing listens on port \d+$/);
  expect(hint).toMatch(
    /^it listens on port \d+: make it use the variable PORT, or put \{\{port\}\} into start.command$/,
  );
});

it('reports that a service did not get ready, and the answer to its probe', async () => {
  expect((await refusal(odd('never', { readyWithinSeconds: 0.5 }))).message).toMatch(/nothing listens on port/);
  const probed = odd('', { readyWithinSeconds: 5, ready: { path: '/healthz', status: 204 } });
  expect((await refusal(probed)).message).toMatch(/\/healthz returned 200, not 204$/);
});

it('kills a service that ignores SIGTERM, and reports it', async () => {
  const fleet = await start(odd('deaf', { stopWithinSeconds: 0.3 }));
  await fleet.stop();
  expect(isRunning(fleet.replicas[0]?.pid ?? 0)).toBe(false);
  expect(notes).toEqual(['1 of 1 replicas of odd ignored SIGTERM and were killed']);
});

it('reports a service that dies in use, once, with its last output', async () => {
  const fleet = await start(odd(''));
  const endpoint = fleet.replicas[0]?.endpoint ?? { host: '', port: 0, certificate: null };
  await call(endpoint, { method: 'GET', path: '/die' }).catch(() => {});
  await expect
    .poll(() => deaths, { timeout: 20_000 })
    .toEqual(['replica 1 of odd ended with exit code 7: fatal: the database is gone']);
  expect(fleet.death()?.message).toBe(deaths[0]);
  await fleet.stop();
});

it('waits for a service that takes its time to start', async () => {
  const fleet = await start(odd('slow', { readyWithinSeconds: 60 }));
  const endpoint = fleet.replicas[0]?.endpoint ?? { host: '', port: 0, certificate: null };
  expect((await call(endpoint, { method: 'GET', path: '/' })).status).toBe(200);
  await fleet.stop();
});

it('trusts only the certificate that each replica first presents, if configured', async () => {
  const service = odd('tls', { replicas: 2, https: true, ready: { path: '/' } });
  const unasked = await refusal({ ...service, launch: service.launch && { ...service.launch, readyWithinMs: 1_500 } });
  expect(unasked.message).toMatch(/was not ready within 1.5 s/);
  const fleet = await start({ ...service, pinsCertificates: true });
  const [first, second] = fleet.replicas.map(({ endpoint }) => endpoint);
  if (first === undefined || second === undefined) throw new Error('there are not two replicas');
  for (const endpoint of [first, second]) {
    expect((await call(endpoint, { method: 'GET', path: '/' })).status).toBe(200);
    const { host, port, certificate, isPinned = false } = endpoint;
    const connection = await Connection.open({ host, port, certificate: certificate ?? '', isPinned });
    connection.close();
  }
  const swapped = { ...first, certificate: second.certificate };
  await expect(call(swapped, { method: 'GET', path: '/' })).rejects.toThrow(/certificate|self.signed/i);
  await fleet.stop();
});

it('keeps serving while megabytes are printed', async () => {
  const fleet = await start(odd('prints'));
  const endpoint = fleet.replicas[0]?.endpoint ?? { host: '', port: 0, certificate: null };
  for (let i = 0; i < 3; i++) expect((await call(endpoint, { method: 'GET', path: '/print' })).status).toBe(200);
  await fleet.stop();
});

it.each(['child', 'daemon'])('also ends processes that a service started (%s)', async (way) => {
  if (way === 'daemon' && accounts === null) return;
  const fleet = await start(odd(way));
  const pids = new CommandGroup(fleet.replicas[0]?.pid ?? 0).pids();
  expect(pids.length).toBe(2);
  await fleet.stop();
  expect(pids.map(isRunning)).toEqual([false, false]);
});

it('stops starting if it is interrupted', async () => {
  const interrupt = new AbortController();
  const starting = start(odd('never'), interrupt.signal);
  interrupt.abort(new Error('interrupted'));
  await expect(starting).rejects.toThrow('interrupted');
});
