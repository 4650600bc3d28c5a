#!/usr/bin/env bash
# ioredis 6.0.0 and @redis/client 6.3.1 in a Redis Cluster: keyspace notifications, such as those of sessions that end.
#
# In a cluster a message that is published on any node reaches the subscribers of all nodes, so a client subscribes on one.
# Notifications use the same channels, but each node sends those of its own keys to its own subscribers only. A service that
# writes its log of ended sessions, or clears a cache, on `__keyevent@0__:expired` works with one Redis. With a cluster of three
# nodes it learns of a third of the sessions. The subscription succeeds and no error follows; which third it is depends on the
# node that the client chose. A subscription on each node learns of all.
#
# Seen with three nodes of Redis 7.0 and 300 sessions: a message from each node arrives; of the expiries, either client gets a
# third. Exits with 1 if that changes, 2 if there is no redis-server.
set -euo pipefail
command -v redis-server >/dev/null || { echo 'this needs a redis-server on the PATH'; exit 2; }
folder=$(mktemp -d)
servers=()
trap '[ ${#servers[@]} = 0 ] || kill "${servers[@]}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent ioredis@6.0.0 @redis/client@6.3.1
# The bus of a cluster takes the port 10,000 above.
free() { node -e "const s=require('node:net').createServer();const t=()=>s.listen(20000+Math.floor(Math.random()*10000),'127.0.0.1');s.on('error',t).on('listening',()=>{console.log(s.address().port);s.close()});t()"; }
ports=()
for _ in 1 2 3; do
  port=$(free)
  redis-server --port "$port" --bind 127.0.0.1 --cluster-enabled yes --cluster-config-file "nodes-$port.conf" --cluster-announce-ip 127.0.0.1 --notify-keyspace-events Ex --save '' --appendonly no --dir "$folder" >/dev/null &
  servers+=($!)
  ports+=("$port")
done
cat >probe.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import { createCluster } from '@redis/client';
import { Cluster, Redis } from 'ioredis';

const SESSIONS = 300;
const EXPIRED = '__keyevent@0__:expired';
const addresses = process.argv.slice(2).map((port) => ({ host: '127.0.0.1', port: Number(port) }));
const nodes = addresses.map((address) => new Redis({ ...address, retryStrategy: (tries) => (tries < 100 ? 50 : null) }).on('error', () => {}));
const share = Math.ceil(16384 / nodes.length);
for (const [i, node] of nodes.entries()) {
  await node.call('CLUSTER', 'ADDSLOTSRANGE', i * share, Math.min((i + 1) * share, 16384) - 1);
  await node.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
}
for (const { port } of addresses.slice(1)) await nodes[0].call('CLUSTER', 'MEET', '127.0.0.1', port);
const isWhole = (info) => info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes.length}`);
for (const node of nodes) while (!isWhole(await node.cluster('INFO'))) await sleep(100);

const seen = { ioredis: new Set(), 'node-redis': new Set(), 'each node': new Set() };
const published = { ioredis: 0, 'node-redis': 0 };
const hear = (name) => (channel, message) => (channel === EXPIRED ? seen[name].add(message) : (published[name] += 1));
const io = new Cluster(addresses);
io.on('message', hear('ioredis'));
await io.subscribe(EXPIRED, 'news');
const other = createCluster({ rootNodes: addresses.map((socket) => ({ socket })) });
other.on('error', () => {});
await other.connect();
await other.subscribe([EXPIRED, 'news'], (message, channel) => hear('node-redis')(channel, message));
const direct = addresses.map((address) => new Redis(address).on('message', hear('each node')));
await Promise.all(direct.map((node) => node.subscribe(EXPIRED)));

for (const node of nodes) await node.publish('news', 'from each');
const writer = new Cluster(addresses);
await Promise.all(Array.from({ length: SESSIONS }, (_, i) => writer.set(`session:${i}`, 'user', 'PX', 500)));
const left = async () => (await Promise.all(nodes.map((node) => node.dbsize()))).reduce((a, b) => a + b, 0);
while ((await left()) > 0) await sleep(100);
await sleep(500);
console.log(`ioredis 6.0.0 and @redis/client 6.3.1, a cluster of ${nodes.length} nodes, ${SESSIONS} sessions that expire`);
for (const [name, keys] of Object.entries(seen)) console.log(`  ${name}: ${keys.size} expiries${name in published ? `, and ${published[name]} of 3 published messages` : ''}`);
const isPart = ({ size }) => size > SESSIONS / 5 && size < SESSIONS / 2;
const holds = isPart(seen.ioredis) && isPart(seen['node-redis']) && seen['each node'].size === SESSIONS && published.ioredis === 3 && published['node-redis'] === 3;
console.log(holds ? 'holds: a third of the expiries is reported' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 60 node probe.mjs "${ports[@]}"
