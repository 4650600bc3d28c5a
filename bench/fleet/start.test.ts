import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stopInOrder } from '../../core/stop-in-order.ts';
import { Janitor } from '../processes/janitor.ts';
import { armInfo } from '../testing/arm-info.ts';
import type { FleetEnvironment, FleetSpec } from './fleet.ts';
import type { Places } from './places.ts';
import { makeSecrets, type User } from './secrets.ts';
import { startFleet, startFleets } from './start.ts';

const spec: FleetSpec = {
  key: 'a',
  arm: armInfo('a', { usesRedis: false }),
  replicas: 2,
  users: 0,
};
/** Reports that it is listening, like a replica. */
const REPLICA = `process.send({ type: 'ready', port: process.pid % 65_000 + 1 }); process.on('disconnect', process.exit)`;

let janitor: Janitor;
let environment: FleetEnvironment;
let replicas: ChildProcess[] = [];

const refused = () => Promise.reject(new Error('it is not used here'));
/** Behind a balancer that cannot be stopped. */
const places: Places = {
  replica: () => ({
    host: '127.0.0.1',
    launch: async () => {
      const child = spawn(process.execPath, ['-e', REPLICA], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
      janitor.watch(child);
      replicas.push(child);
      return child;
    },
  }),
  balancing: {
    proxy: '127.0.0.1',
    start: async () => ({
      address: { host: '127.0.0.1', port: 1 },
      processes: [],
      use: refused,
      stop: () => Promise.reject(new Error('the balancer does not end')),
    }),
  },
  redis: refused,
  login: () => Promise.reject(new Error('nobody can log in')),
};

beforeAll(async () => {
  janitor = await Janitor.start();
  const secrets = await makeSecrets();
  const record = { id: 'u-1', username: 'ada', passwordHash: '', roles: [] };
  const users: User[] = ['u-1', 'admin'].map((id) => ({ username: id, password: '', record: { ...record, id } }));
  const own = { janitor, secrets, users, shares: null, redisUrl: null, runId: 'test', places };
  environment = { ...own, onDeath: (error) => expect.fail(error.message) };
});
afterAll(() => janitor.finish());

/** @returns the signals that ended the replicas, null for a running one */
function ended(): (NodeJS.Signals | null)[] {
  const signals = replicas.map(({ signalCode }) => signalCode);
  replicas = [];
  return signals;
}

it('stops its replicas although the balancer cannot be stopped, and says so', async () => {
  const fleet = await startFleet(environment, spec);
  await expect(fleet.stop()).rejects.toThrow('the balancer does not end');
  expect(ended()).toEqual(['SIGKILL', 'SIGKILL']);
});

it('names why it could not start, even if something cannot be stopped afterwards', async () => {
  await expect(startFleet(environment, { ...spec, users: 1 })).rejects.toThrow(
    'nobody can log in; after that: the balancer does not end',
  );
  expect(ended()).toEqual(['SIGKILL', 'SIGKILL']);
  await expect(startFleets(environment, [spec, { ...spec, key: 'b', users: 1 }])).rejects.toThrow('nobody can log in');
  expect(ended()).toEqual(Array(4).fill('SIGKILL'));
});

it('stops groups in order, and skips what was not started', async () => {
  const stopped: string[] = [];
  const part = (name: string) => ({ stop: async () => stopped.push(name) });
  await stopInOrder([[part('a'), null], [], [part('b'), part('c')], [null]]);
  expect(stopped).toEqual(['a', 'b', 'c']);
});

it('names each part that cannot be stopped', async () => {
  const stuck = (name: string) => ({ stop: () => Promise.reject(new Error(`${name} is stuck`)) });
  await expect(stopInOrder([[stuck('a')], [stuck('b')]])).rejects.toThrow('a is stuck; after that: b is stuck');
});
