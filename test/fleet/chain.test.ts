import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Fleet, FleetEnvironment } from '../../bench/fleet/fleet.ts';
import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../../bench/fleet/secrets.ts';
import { startFleet } from '../../bench/fleet/start.ts';
import { Connection } from '../../bench/load/connection/connection.ts';
import { requestBytes } from '../../bench/load/connection/request.ts';
import { meRequests } from '../../bench/measuring/slices.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';

let environment: FleetEnvironment & { janitor: Janitor };
const started: Fleet[] = [];
const deaths: Error[] = [];

beforeAll(async () => {
  environment = {
    janitor: await Janitor.start(),
    secrets: await makeSecrets(),
    users: await makeUsers(2, ARGON2_CHEAP),
    shares: null,
    redisUrl: null,
    runId: 'test',
    onDeath: (error: Error) => void deaths.push(error),
  };
});
afterAll(async () => {
  await Promise.all(started.splice(0).map((fleet) => fleet.stop()));
  await environment.janitor.finish();
});

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** The status of a request that passes both services. */
async function throughBoth(fleet: Fleet): Promise<number> {
  const [edge] = fleet.replicas;
  const [request] = meRequests(fleet);
  if (edge === undefined || request === undefined) throw new Error('the fleet has no edge');
  const connection = await Connection.open(edge.address);
  try {
    const headers = { ...request.headers, 'max-forwards': '1' };
    return (await connection.request(requestBytes(edge.address, { ...request, headers }))).status;
  } finally {
    connection.close();
  }
}

it('has the edge of an arm only in front of its first service, and restarts both together', async () => {
  const arm = (await describeArms()).find(({ name }) => name === 'phantom-token');
  if (arm === undefined) throw new Error('there is no phantom-token');
  const shared = { key: arm.name, arm, replicas: 2, users: 1 };
  const fleet = await startFleet(environment, { ...shared, chain: { checks: 'every-hop', services: 2 } });
  started.push(fleet);
  expect(fleet.replicas.map(({ behind }) => behind !== undefined)).toEqual([true, false]);
  expect(fleet.replicas.map(({ pids }) => pids?.().length)).toEqual([2, 1]);
  expect(await throughBoth(fleet)).toBe(200);
  await fleet.replaceReplica(0);
  expect(await throughBoth(fleet)).toBe(200);
  const pids = fleet.replicas.flatMap((replica) => replica.pids?.() ?? []);
  await Promise.all(started.splice(0).map((each) => each.stop()));
  expect(pids.filter(isAlive)).toEqual([]);
  expect(deaths).toEqual([]);
});

it('starts its services from the last to the first, keeps the place of a restarted one, and leaves none', async () => {
  const arm = (await describeArms()).find(({ name }) => name === 'jwt-hs256');
  if (arm === undefined) throw new Error('there is no jwt-hs256');
  const shared = { key: arm.name, arm, replicas: 2, users: 1 };
  const fleet = await startFleet(environment, { ...shared, chain: { checks: 'edge', services: 2 } });
  started.push(fleet);
  expect(await throughBoth(fleet)).toBe(200);
  const [edge, inner] = fleet.replicas;
  await fleet.replaceReplica(0);
  expect(await throughBoth(fleet)).toBe(200);
  // Only the edge forwards: without the inner service it has no upstream.
  await inner?.stop();
  expect(await throughBoth(fleet)).toBe(502);
  const pids = [edge, inner, ...fleet.replicas].flatMap((replica) => replica?.pid ?? []);
  await Promise.all(started.splice(0).map((each) => each.stop()));
  expect(pids.filter(isAlive)).toEqual([]);
  expect(deaths).toEqual([]);
});
