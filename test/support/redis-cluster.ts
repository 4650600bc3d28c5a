/** A Redis Cluster of a test's own: three masters without replicas, on loopback, each with a third of the slots. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort, ready } from './redis.ts';

const SLOTS = 16_384;

export interface ClusterNode {
  readonly process: ChildProcess;
  /** The test's own eyes and hands in this node. */
  readonly probe: Redis;
}

export interface TestCluster {
  /** Of its first node, with the password. */
  readonly url: string;
  readonly nodes: readonly ClusterNode[];
  stop(): Promise<void>;
}

export async function startCluster(): Promise<TestCluster> {
  const password = randomBytes(16).toString('hex');
  const directory = await mkdtemp(join(tmpdir(), 'tollgate-test-cluster-'));
  const ports = await Promise.all([1, 2, 3].map(freePort));
  const nodes = await Promise.all(ports.map((port) => startNode(port, password, directory)));
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
    async stop() {
      for (const { probe } of nodes) probe.disconnect();
      await Promise.all(nodes.map(({ process }) => ended(process)));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function startNode(
  port: number,
  password: string,
  directory: string,
): Promise<ClusterNode & { busPort: number }> {
  const busPort = await freePort();
  const child = spawn('redis-server', ['-'], { cwd: directory, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `requirepass ${password}`,
      'save ""',
      'appendonly no',
      `dir ${directory}`,
      'cluster-enabled yes',
      `cluster-config-file nodes-${port}.conf`,
      `cluster-port ${busPort}`,
      // What a dead node held is refused, and the rest is served.
      'cluster-require-full-coverage no',
    ].join('\n'),
  );
  await ready(child);
  const probe = new Redis({ host: '127.0.0.1', port, password });
  // A node that a test ends is looked for again until the test ends too.
  probe.on('error', () => {});
  return { process: child, probe, busPort };
}

/** Nodes tell each other of their slots by gossip, of which there is no event. */
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
