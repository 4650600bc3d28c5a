import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { JournalWriter } from '../../core/results/journal.ts';
import type { Fleet, FleetEnvironment, FleetSpec } from '../fleet/fleet.ts';
import { makeSecrets } from '../fleet/secrets.ts';
import type { RunningFork } from '../measuring/experiment.ts';
import { Janitor } from '../processes/janitor.ts';
import { armInfo } from '../testing/arm-info.ts';
import { ForkRunner } from './fork-runner.ts';

const directory = mkdtempSync(join(tmpdir(), 'tollgate-fork-runner-'));
let janitor: Janitor;
let runner: ForkRunner;
/** Called when the fleet of a fork is stopped. */
let onStop: (environment: FleetEnvironment) => void = () => {};

const spec: FleetSpec = {
  key: 'stub',
  arm: armInfo('stub'),
  replicas: 1,
  users: 0,
};

/** A fleet without processes. */
async function startStub(environment: FleetEnvironment): Promise<Fleet> {
  const nothing = async () => {};
  return {
    ...{ spec, replicas: [], redis: null, proxy: null, credentials: [], users: [] },
    replaceReplica: nothing,
    startWithKeys: async () => [],
    applyShares() {},
    limitRedis() {},
    async stop() {
      onStop(environment);
    },
  };
}

beforeAll(async () => {
  janitor = await Janitor.start();
  const journal = JournalWriter.open(join(directory, 'journal.jsonl'));
  const { signal } = new AbortController();
  runner = new ForkRunner(
    { janitor, journal, signal },
    {
      ...{ janitor, secrets: await makeSecrets(), users: [], shares: null, redisUrl: null, runId: 'test' },
      foreign: new Map([['stub', startStub]]),
    },
  );
});
afterAll(async () => {
  await runner.close();
  await janitor.finish();
  rmSync(directory, { recursive: true, force: true });
});

const fork = (number: number, body: (running: RunningFork) => Promise<void>) =>
  runner.run('toll', number, [spec], body);

it('measures a fork even if a server of the previous one ended after its last request, or could not be stopped', async () => {
  onStop = ({ onDeath }) => {
    onDeath(new Error('a server ended'));
    throw new Error('a server cannot be stopped');
  };
  await expect(fork(0, async () => {})).rejects.toThrow('a server cannot be stopped');
  onStop = ({ onDeath }) => onDeath(new Error('a server ended'));
  await fork(0, async () => {});
  onStop = () => {};
  let reply: unknown = 'none';
  await fork(1, async ({ generator }) => {
    reply = await generator.ask('open', []);
  });
  expect(reply).toBeNull();
});

it('reports the first failure of a fork, and then what could not be stopped', async () => {
  onStop = () => {
    throw new Error('a server cannot be stopped');
  };
  const broken = fork(5, async () => {
    throw new Error('the load broke');
  });
  await expect(broken).rejects.toThrow('the load broke; after that: a server cannot be stopped');
  onStop = () => {};
});

it('gives the fork after a failed one a new open loop, because the old one may have failed', async () => {
  const loops: unknown[] = [];
  const broken = fork(2, async ({ open }) => {
    loops.push(await open());
    throw new Error('the load generator ended');
  });
  await expect(broken).rejects.toThrow('the load generator ended');
  for (const number of [3, 4]) await fork(number, async ({ open }) => void loops.push(await open()));
  const [first, second, third] = loops;
  expect(second).not.toBe(first);
  // Without a failure it is kept.
  expect(third).toBe(second);
});

it('notes once for each experiment that its processes could not be pinned, at whatever fork', async () => {
  // Without taskset.
  vi.stubEnv('PATH', '/nowhere');
  onTestFinished(() => void vi.unstubAllEnvs());
  const path = join(directory, 'unpinned.jsonl');
  const { signal } = new AbortController();
  const unpinned = new ForkRunner(
    { janitor, journal: JournalWriter.open(path), signal },
    {
      ...{ janitor, secrets: await makeSecrets(), users: [], shares: null, redisUrl: null, runId: 'test' },
      foreign: new Map([['stub', startStub]]),
    },
  );
  onTestFinished(() => unpinned.close());
  await unpinned.run('layers', 0, [spec], async () => {});
  for (const number of [1, 2]) await unpinned.run('layers', number, [spec], async (one) => one.setServersApart());
  await unpinned.run('latency', 0, [spec], async (one) => one.setApart());
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  const notes = lines.map((line) => JSON.parse(line)).filter(({ kind }) => kind === 'note');
  expect(notes.map(({ text }) => text)).toEqual([
    'layers: servers had no dedicated core, so the load generator and the stores may slow them down',
    'latency: the load generator had no dedicated core, so throughput and latencies include its own waiting time',
  ]);
});
