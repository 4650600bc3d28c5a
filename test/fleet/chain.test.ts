import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Fleet, type FleetEnvironment, startFleet } from '../../bench/fleet/fleet.ts';
import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../../bench/fleet/secrets.ts';
import { Connection } from '../../bench/load/connection/connection.ts';
import { requestBytes } from '../../bench/load/connection/request.ts';
import { meRequests } from '../../bench/measuring/slices.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';

let environment: FleetEnvironment & { janitor: Janitor };
const fleets: Fleet[] = [];
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
  await Promise.all(fleets.map((fleet) => fleet.stop()));
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

it('starts its services from the end, and each asks the store as often as its place says', async () => {
  const arm = (await describeArms()).find(({ name }) => name === 'session-redis-lean');
  if (arm === undefined) throw new Error('there is no session-redis-lean');
  const starts = (['edge', 'every-hop', 'auth-service'] as const).map((checks) => {
    const replicas = checks === 'auth-service' ? 3 : 2;
    const shared = { key: checks, arm, replicaShare: null, redisShare: null, users: 1 };
    return startFleet(environment, { ...shared, replicas, chain: { checks, services: 2 } });
  });
  fleets.push(...(await Promise.all(starts)));
  const commands: Record<string, number[]> = {};
  for (const fleet of fleets) {
    const { key, replicas } = fleet.spec;
    expect(fleet.replicas).toHaveLength(replicas);
    const [edge] = fleet.replicas;
    const [request] = meRequests(fleet);
    if (edge === undefined || request === undefined) throw new Error('the fleet has no edge');
    const connection = await Connection.open(edge.address);
    const asked: number[] = [];
    for (const hops of [1, 2]) {
      const headers = { ...request.headers, 'max-forwards': `${hops - 1}` };
      const before = (await fleet.redis?.commands()) ?? 0;
      const response = await connection.request(requestBytes(edge.address, { ...request, headers }));
      expect([response.status, response.body.toString()]).toEqual([200, request.expectedBody]);
      asked.push(((await fleet.redis?.commands()) ?? 0) - before);
    }
    connection.close();
    commands[key] = asked;
  }
  expect(commands).toEqual({ edge: [1, 1], 'every-hop': [1, 2], 'auth-service': [1, 2] });

  // A service that is started again has its place again.
  const [fleet] = fleets;
  const pids = fleets.flatMap(({ replicas }) => replicas.map(({ pid }) => pid));
  await fleet?.replaceReplica(0);
  const [edge] = fleet?.replicas ?? [];
  const [request] = fleet === undefined ? [] : meRequests(fleet);
  if (edge === undefined || request === undefined) throw new Error('the fleet has no edge');
  const connection = await Connection.open(edge.address);
  const headers = { ...request.headers, 'max-forwards': '1' };
  expect((await connection.request(requestBytes(edge.address, { ...request, headers }))).status).toBe(200);
  connection.close();

  pids.push(edge.pid);
  await Promise.all(fleets.splice(0).map((each) => each.stop()));
  expect(pids.filter(isAlive)).toEqual([]);
  expect(deaths).toEqual([]);
});
