/** A Redis Cluster started by Tollgate: masters without replicas on loopback, with equal parts of the slots. */
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Redis } from 'ioredis';
import { afterEnding, environmentError, messageOf } from '../../../core/errors.ts';
import { kill } from '../../processes/ending.ts';
import type { Janitor } from '../../processes/janitor.ts';
import { freshPassword, type RedisServer, redisDirectory, redisServerPath, startWatched } from './own.ts';
import { countCommands, cpuOfInfo, type RedisInstance } from './redis.ts';

/** Fixed by Redis. */
const SLOTS = 16_384;
export const CLUSTER_NODES = 3;
/** The bus port is the port plus this; Redis before 7 has no setting for it. */
const BUS_OFFSET = 10_000;
/** After its start, a master waits two seconds before it serves (CLUSTER_WRITABLE_DELAY); the rest is gossip. */
const WHOLE_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 25;

/** @returns the first and the last slot of each node, without gaps or overlaps */
export function slotRanges(nodes: number): readonly (readonly [number, number])[] {
  const start = (node: number) => Math.floor((node * SLOTS) / nodes);
  return Array.from({ length: nodes }, (_, node) => [start(node), start(node + 1) - 1] as const);
}

/** @param info the text of `CLUSTER INFO` */
export function isWhole(info: string, nodes: number): boolean {
  const of = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];
  return of('cluster_state') === 'ok' && of('cluster_slots_ok') === `${SLOTS}` && of('cluster_size') === `${nodes}`;
}

interface Node {
  readonly server: RedisServer;
  readonly client: Redis;
  readonly version: string;
}

/** The bus port depends on the port, so both must be free. */
function busPortIsFree(port: number): Promise<boolean> {
  const bus = port + BUS_OFFSET;
  if (bus > 65_535) return Promise.resolve(false);
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(bus, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** Nodes exchange their slots by gossip, which has no event, so their state is polled. */
async function untilWhole(nodes: readonly Node[]): Promise<void> {
  const deadline = performance.now() + WHOLE_WITHIN_MS;
  for (const { client } of nodes) {
    while (!isWhole(String(await client.call('CLUSTER', 'INFO')), nodes.length)) {
      if (performance.now() > deadline)
        throw new Error(`its nodes did not form a cluster within ${WHOLE_WITHIN_MS / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}

async function join(nodes: readonly Node[]): Promise<void> {
  const ranges = slotRanges(nodes.length);
  await Promise.all(
    nodes.map(({ client }, i) => {
      const [first, last] = ranges[i] ?? [0, 0];
      return client.call('CLUSTER', 'ADDSLOTSRANGE', String(first), String(last));
    }),
  );
  const [seed] = nodes;
  await Promise.all(
    nodes.slice(1).map(({ server }) => seed?.client.call('CLUSTER', 'MEET', '127.0.0.1', String(server.port))),
  );
  await untilWhole(nodes);
}

async function startNode(janitor: Janitor, directory: string, password: string, program: string): Promise<Node> {
  const { client, version, ...server } = await startWatched({
    janitor,
    program,
    directory,
    password,
    portFits: busPortIsFree,
    lines: (port) => ['cluster-enabled yes', `cluster-config-file nodes-${port}.conf`],
  });
  return { server, client, version };
}

/**
 * Starts the nodes, assigns the slots and waits until each node serves: about 2.2 s. @throws TollgateError
 * (environment) if no server is installed, one does not start, or they do not form a cluster
 */
export async function startRedisCluster(
  janitor: Janitor,
  size = CLUSTER_NODES,
  program = redisServerPath(),
): Promise<RedisInstance> {
  const directory = redisDirectory(janitor);
  const password = freshPassword();
  const nodes: Node[] = [];
  const stop = async () => {
    for (const { client } of nodes) client.disconnect();
    await Promise.all(nodes.map(({ server }) => kill(server.child)));
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    // One after another: a node's bus must not take the port that was just found free for another node.
    for (let i = 0; i < size; i++) nodes.push(await startNode(janitor, directory, password, program));
    await join(nodes);
    const [seed] = nodes;
    if (seed === undefined) throw new Error('it has no node');
    const infos = (section: string) => Promise.all(nodes.map(({ client }) => client.info(section)));
    const pids = nodes.flatMap(({ server }) => server.child.pid ?? []);
    return {
      url: seed.server.url,
      keyPrefix: 'tollgate:',
      pid: pids[0] ?? null,
      pids,
      cluster: true,
      version: `${seed.version}, cluster of ${size}`,
      shared: false,
      commands: async () => (await infos('commandstats')).reduce((sum, info) => sum + countCommands(info), 0),
      cpuNanos: async () => (await infos('cpu')).reduce((sum, info) => sum + cpuOfInfo(info), 0),
      stop,
    };
  } catch (error) {
    const failure = environmentError(
      `a Redis Cluster cannot be started: ${messageOf(error)}`,
      'leave out --redis cluster, or start redis-server --cluster-enabled yes by hand to see why',
    );
    throw await afterEnding(failure, stop);
  }
}
