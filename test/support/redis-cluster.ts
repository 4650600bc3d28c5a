/** A Redis Cluster for one test: three masters without replicas, on loopback, each with a third of the slots. */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { testJanitor } from './janitor.ts';
import { freePorts, ready, spawnConfigured, withFreshPorts } from './redis.ts';

const SLOTS = 16_384;

export interface ClusterNode {
  readonly process: ChildProcess;
  /** The test's own connection to this node. */
  readonly probe: Redis;
}

export interface TestCluster {
  /** Of its first node, with the password. */
  readonly url: string;
  readonly nodes: readonly ClusterNode[];
  stop(): Promise<void>;
}

const NODES = 3;

export function startCluster(): Promise<TestCluster> {
  return withFreshPorts(startAtFreePorts);
}

async function startAtFreePorts(): Promise<TestCluster> {
  const password = randomBytes(16).toString('hex');
  const directory = await mkdtemp(join(tmpdir(), 'tollgate-test-cluster-'));
  (await testJanitor()).watchDirectory(directory);
  const ports = await freePorts(2 * NODES);
  const started = await Promise.allSettled(
    ports.slice(NODES).map((busPort, i) => startNode(ports[i] ?? 0, busPort, password, directory)),
  );
  const nodes = started.flatMap((node) => (node.status === 'fulfilled' ? [node.value] : []));
  const failure = started.find((node) => node.status === 'rejected');
  if (failure !== undefined) {
    await stopAll(nodes, directory);
    throw failure.reason;
  }
  const addSlots = nodes.map(({ probe }, i) => {
    const first = Math.ceil((i * SLOTS) / nodes.length);
    return probe.cluster('ADDSLOTSRANGE', first, Math.ceil(((i + 1) * SLOTS) / nodes.length) - 1);
  });
  await Promise.all(addSlots);
  for (const { probe, busPort } of nodes.slice(1)) {
    await nodes[0]?.probe.call('CLUSTER', 'MEET', '127.0.0.1', String(probe.options.port), String(busPort));
  }
  await Promise.all(nodes.map(({ probe }) => untilWhole(probe, nodes.length)));
  return {
    url: `redis://:${password}@127.0.0.1:${ports[0]}`,
    nodes,
    stop: () => stopAll(nodes, directory),
  };
}

async function stopAll(nodes: readonly ClusterNode[], directory: string): Promise<void> {
  for (const { probe } of nodes) probe.disconnect();
  await Promise.all(nodes.map(({ process }) => ended(process)));
  await rm(directory, { recursive: true, force: true });
}

async function startNode(
  port: number,
  busPort: number,
  password: string,
  directory: string,
): Promise<ClusterNode & { busPort: number }> {
  const janitor = await testJanitor();
  const child = spawnConfigured(janitor, directory, [
    `port ${port}`,
    `requirepass ${password}`,
    'cluster-enabled yes',
    `cluster-config-file nodes-${port}.conf`,
    `cluster-port ${busPort}`,
    // Keys of a dead node are refused, and the others are served.
    'cluster-require-full-coverage no',
  ]);
  try {
    await ready(child);
  } catch (error) {
    await ended(child);
    throw error;
  }
  const probe = new Redis({ host: '127.0.0.1', port, password });
  // The client retries a node that a test stops until the test also closes the client.
  probe.on('error', () => {});
  return { process: child, probe, busPort };
}

/** Nodes exchange their slots by gossip, which emits no event. */
async function untilWhole(probe: Redis, nodes: number): Promise<void> {
  for (;;) {
    const info = await probe.cluster('INFO');
    if (info.includes('cluster_state:ok') && info.includes(`cluster_size:${nodes}`)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
