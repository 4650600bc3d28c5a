import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Companion } from '../../bench/fleet/companions/companion.ts';
import type { Fleet } from '../../bench/fleet/fleet.ts';
import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../../bench/fleet/secrets.ts';
import { startFleet } from '../../bench/fleet/start.ts';
import { startGenerator } from '../../bench/load/generator.ts';
import { meRequests, processesOf, sliceOf, targetOf } from '../../bench/measuring/slices.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { thenEnding } from '../../core/errors.ts';

let janitor: Janitor;
let fleet: Fleet;
const deaths: Error[] = [];

beforeAll(async () => {
  janitor = await Janitor.start();
  const arm = (await describeArms()).find(({ name }) => name === 'opaque-introspection');
  if (!arm) throw new Error('there is no opaque-introspection');
  const environment = {
    janitor,
    secrets: await makeSecrets(),
    users: await makeUsers(9, ARGON2_CHEAP),
    shares: null,
    redisUrl: null,
    runId: 'test',
    onDeath: (error: Error) => void deaths.push(error),
  };
  fleet = await startFleet(environment, {
    key: arm.name,
    arm,
    replicas: 2,
    users: 8,
  });
});
afterAll(async () => {
  await fleet?.stop();
  await janitor.finish();
});

const companion = () => {
  const [first] = fleet.companions ?? [];
  if (first === undefined) throw new Error('the fleet has no companion');
  return first;
};

/** PID of the companion, which must be a process, as an authorization server is. */
const pidOf = ({ pid }: Companion): number => {
  if (pid === null) throw new Error('the companion is a mere file');
  return pid;
};

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

it('runs next to the replicas, and exposes its secret to no other process', () => {
  const { kind, address } = companion();
  const pid = pidOf(companion());
  expect(kind).toBe('issuer');
  expect(address.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(address.secret?.length).toBeGreaterThanOrEqual(43);
  for (const each of [pid, ...fleet.replicas.map((replica) => replica.pid)]) {
    for (const file of ['cmdline', 'environ'])
      expect(readFileSync(`/proc/${each}/${file}`, 'latin1')).not.toContain(address.secret);
  }
});

it('adds its CPU time to the arm’s, separate from that of the replicas', async () => {
  expect(processesOf(fleet)).toEqual({
    replicas: fleet.replicas.map(({ pid }) => pid),
    redis: null,
    companions: [pidOf(companion())],
  });
  const generator = startGenerator(janitor);
  await thenEnding(
    async () => {
      const target = targetOf(fleet, meRequests(fleet));
      const tally = await generator.ask('closed', { target, connections: 4, rampMs: 100, windowMs: 500 });
      const { measures, unexpected, failed } = sliceOf(tally, {
        mode: 'closed',
        position: { fork: 0, block: 0, order: 0 },
        factors: {},
      });
      expect([unexpected, failed]).toEqual([0, 0]);
      expect(tally.requests).toBeGreaterThan(0);
      expect(measures.has_companions).toBe(1);
      // Each request makes it answer one request.
      expect(measures.companion_cpu_ns).toBeGreaterThan(0);
    },
    () => generator.stop(),
  );
});

it('restarts empty on the same port, and its death is expected if it was injected', async () => {
  const { address, faults } = companion();
  const pid = pidOf(companion());
  await faults?.kill();
  expect(isAlive(pid)).toBe(false);
  await faults?.restart();
  expect(companion().pid).not.toBe(pid);
  expect(companion().address).toEqual(address);
  expect(deaths).toEqual([]);
});

it('ends with the fleet', async () => {
  const pid = pidOf(companion());
  expect(isAlive(pid)).toBe(true);
  await fleet.stop();
  expect(isAlive(pid)).toBe(false);
  expect(deaths).toEqual([]);
});
