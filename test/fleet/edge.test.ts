import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Fleet } from '../../bench/fleet/fleet.ts';
import type { Replica } from '../../bench/fleet/replica.ts';
import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../../bench/fleet/secrets.ts';
import { startFleet } from '../../bench/fleet/start.ts';
import { type Address, Connection } from '../../bench/load/connection/connection.ts';
import { requestBytes } from '../../bench/load/connection/request.ts';
import { readProcesses } from '../../bench/load/tally.ts';
import { meRequests, processesOf } from '../../bench/measuring/slices.ts';
import { CpuAccounts } from '../../bench/processes/accounts.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { accountedTree } from '../../bench/processes/trees/tree-accounts.ts';
import { attribute } from '../../bench/profiler/attribute.ts';
import { readCpuProfile } from '../../bench/profiler/cpu-profile.ts';
import { describeArms } from '../../bench/run/arms.ts';

let janitor: Janitor;
let fleet: Fleet;
let accounts: CpuAccounts | null;
const death = Promise.withResolvers<Error>();
const deaths: Error[] = [];

beforeAll(async () => {
  janitor = await Janitor.start();
  const arm = (await describeArms()).find(({ name }) => name === 'phantom-token');
  if (!arm) throw new Error('there is no phantom-token');
  accounts = CpuAccounts.openIfPossible(janitor);
  const environment = {
    janitor,
    accounts,
    secrets: await makeSecrets(),
    users: await makeUsers(2, ARGON2_CHEAP),
    shares: null,
    redisUrl: null,
    runId: 'test',
    onDeath(error: Error) {
      deaths.push(error);
      death.resolve(error);
    },
  };
  const one = { key: arm.name, arm, replicas: 1, users: 1 };
  fleet = await startFleet(environment, one);
});
afterAll(async () => {
  await fleet?.stop();
  await janitor.finish();
});

function replicaOf({ replicas: [only] }: Fleet): Replica & { readonly behind: Address } {
  if (only?.behind === undefined) throw new Error('no replica stands behind an edge');
  return { ...only, behind: only.behind };
}

/** The replica's process first, then that of its edge. */
function processesIn(replica: Replica): readonly [number, number] {
  const [own, edge, ...more] = replica.pids?.() ?? [];
  if (own === undefined || edge === undefined || more.length > 0) throw new Error('a replica and an edge are two');
  return [own, edge];
}

/** @returns the last status of this many requests with the user's token */
async function ask(address: Address, times: number): Promise<number> {
  const [request] = meRequests(fleet);
  if (request === undefined) throw new Error('nobody is logged in');
  const connection = await Connection.open(address);
  try {
    let status = 0;
    for (let i = 0; i < times; i++) ({ status } = await connection.request(requestBytes(address, request)));
    return status;
  } finally {
    connection.close();
  }
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

it('is a separate process, and the only way in', async () => {
  const replica = replicaOf(fleet);
  processesIn(replica);
  expect(replica.behind.port).not.toBe(replica.address.port);
  expect(await ask(replica.address, 1)).toBe(200);
  expect(await ask(replica.behind, 1)).toBe(401);
});

it('adds its CPU time and memory to the replica’s, and counts nothing twice', async () => {
  const replica = replicaOf(fleet);
  const [own, edge] = processesIn(replica);
  expect(processesOf(fleet).replicas).toEqual([own]);
  expect(accountedTree(own)).toEqual(accounts === null ? [own, edge] : [own]);
  // By the clock ticks of each process, which do not depend on control groups.
  const ticks = () => [own, edge].map((pid) => ticksNs(pid));
  const before = { ns: readProcesses(processesOf(fleet)).replicaNs[0] ?? Number.NaN, ticks: ticks() };
  expect(await ask(replica.address, 2_000)).toBe(200);
  const after = { ns: readProcesses(processesOf(fleet)).replicaNs[0] ?? Number.NaN, ticks: ticks() };
  const [ownNs = 0, edgeNs = 0] = after.ticks.map((ns, i) => ns - (before.ticks[i] ?? Number.NaN));
  expect(edgeNs).toBeGreaterThan(0.1 * ownNs);
  // A tick is 10 ms; user and system time are rounded separately for each process.
  expect(Math.abs(after.ns - before.ns - ownNs - edgeNs)).toBeLessThan(60e6);
  const { rssBytes } = await replica.telemetry();
  expect(rssBytes).toBeGreaterThan(1.5 * rssOf(own));
});

it('is profiled with the replica, each with its own functions', async () => {
  const replica = replicaOf(fleet);
  await replica.startProfile(100);
  await expect(replica.startProfile(100)).rejects.toThrow('already');
  expect(await ask(replica.address, 300)).toBe(200);
  const { profile, edge } = await replica.stopProfile();
  const [own, before] = [profile, edge].map((taken) => attribute(readCpuProfile(taken)).busyMicros);
  expect(own?.get('jose')).toBeGreaterThan(0);
  expect(before?.get('jose')).toBeUndefined();
  expect(before?.get('fastify')).toBeGreaterThan(0);
  // Both can be profiled again, and still answer requests.
  await expect(replica.stopProfile()).rejects.toThrow('not running');
  await replica.startProfile(100);
  expect((await replica.stopProfile()).edge).toBeDefined();
  expect((await replica.telemetry()).type).toBe('telemetry');
});

it('is replaced with the replica, on the same port', async () => {
  const before = replicaOf(fleet);
  const pids = processesIn(before);
  await fleet.replaceReplica(0);
  const after = replicaOf(fleet);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(after.address).toEqual(before.address);
  expect(await ask(after.address, 1)).toBe(200);
  expect(deaths).toEqual([]);
});

// Last, because the fleet has no replica after it.
it('stops the replica if it ends, and gives the reason', async () => {
  const [, edge] = processesIn(replicaOf(fleet));
  process.kill(edge, 'SIGKILL');
  expect((await death.promise).message).toMatch(/phantom-token .*The edge ended with SIGKILL/);
});

function ticksNs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
  return (user + system) * 10_000_000;
}

function rssOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) * 1024;
}
