#!/usr/bin/env bash
# undici 8.13.1: which connections of a Pool get the requests.
#
# A pool of eight connections to a balancer, or to a server of several processes, is expected to use all eight. Each request
# goes to the first connection that is free, in the order in which they were made, so at a load that two could carry two get
# everything. A balancer that assigns connections, as a Kubernetes service or Node's cluster does, sends all of it to one or
# two replicas, and the others are measured idle, whatever the number of connections. http.Agent does the same, the other
# way round: by default the connection that was used last is the next. RoundRobinPool takes turns, as does http.Agent with
# `scheduling: 'fifo'`.
#
# Seen with two users over eight open connections: two of them carry 200 of 200 requests. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent undici@8.13.1
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, RoundRobinPool } from 'undici';

const CONNECTIONS = 8;
const IN_FLIGHT = 2;
const EACH = 100;
const counts = new Map();
const server = http.createServer(({ socket }, response) => {
  counts.set(socket, (counts.get(socket) ?? 0) + 1);
  setTimeout(() => response.end('ok'), 2);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const origin = `http://127.0.0.1:${server.address().port}`;

/** Opens all connections, and then keeps two requests in flight. @returns requests for each connection, most first */
async function spread(send) {
  await Promise.all(Array.from({ length: CONNECTIONS }, send));
  counts.clear();
  const user = async () => {
    for (let i = 0; i < EACH; i++) {
      await send();
      await sleep(1);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, user));
  return [...counts.values()].sort((a, b) => b - a);
}
const byPool = async (Kind) => {
  const pool = new Kind(origin, { connections: CONNECTIONS });
  const seen = await spread(async () => (await pool.request({ method: 'GET', path: '/' })).body.text());
  await pool.close();
  return seen;
};
const byAgent = async (scheduling) => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS, ...(scheduling && { scheduling }) });
  const send = () =>
    new Promise((resolve, reject) => {
      http.get(origin, { agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
    });
  const seen = await spread(send);
  agent.destroy();
  return seen;
};
const seen = {
  'undici Pool': await byPool(Pool),
  'undici RoundRobinPool': await byPool(RoundRobinPool),
  'http.Agent': await byAgent(),
  "http.Agent, scheduling 'fifo'": await byAgent('fifo'),
};
server.close();
console.log(`undici 8.13.1 and Node.js ${process.versions.node}, ${IN_FLIGHT * EACH} requests, ${IN_FLIGHT} at a time, over ${CONNECTIONS} connections`);
for (const [name, each] of Object.entries(seen)) console.log(`  ${name}: ${each.join(', ')}`);
const share = (each) => (each[0] + (each[1] ?? 0)) / (IN_FLIGHT * EACH);
const [pool, turns, agent, fifo] = Object.values(seen);
const holds = share(pool) > 0.95 && share(agent) > 0.95 && turns.length === CONNECTIONS && share(turns) < 0.4 && fifo.length === CONNECTIONS && share(fifo) < 0.4;
console.log(holds ? 'holds: two connections carry everything' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
