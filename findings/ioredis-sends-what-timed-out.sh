#!/usr/bin/env bash
# ioredis 6.0.0: what becomes of a command that has failed with "Command timed out" while Redis was away.
#
# The caller is told after `commandTimeout` that the command failed, answers its visitor with an error, and tries again. The
# command stays in the offline queue and is sent once Redis is back, behind the back of its caller. Five attempts to count
# something count five, and a session that was written in vain overwrites what another replica has written since.
# @redis/client takes a command out of its queue when its timeout is over.
#
# Seen: five INCR, all of which failed, leave 5 with ioredis and nothing with @redis/client 6.3.1. Exits with 1 if that
# changes, 2 if there is no redis-server.
set -euo pipefail
command -v redis-server >/dev/null || { echo 'this needs a redis-server on the PATH'; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent ioredis@6.0.0 @redis/client@6.3.1
cat >probe.mjs <<'JS'
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createClient } from '@redis/client';
import { Redis } from 'ioredis';

const ATTEMPTS = 5;
const TIMEOUT_MS = 100;
const free = createServer().listen(0, '127.0.0.1');
await once(free, 'listening');
const { port } = free.address();
free.close();
await once(free, 'close');

const ioredis = new Redis({ port, host: '127.0.0.1', commandTimeout: TIMEOUT_MS }).on('error', () => {});
const nodeRedis = createClient({ socket: { port, host: '127.0.0.1' }, commandOptions: { timeout: TIMEOUT_MS } }).on('error', () => {});
const connected = nodeRedis.connect();
const clients = { 'ioredis 6.0.0': ioredis, '@redis/client 6.3.1': nodeRedis };
const failures = Object.fromEntries(Object.keys(clients).map((name) => [name, 0]));
for (let i = 0; i < ATTEMPTS; i++) {
  for (const [name, client] of Object.entries(clients)) await client.incr(name).catch(() => (failures[name] += 1));
}
const ready = Promise.all([once(ioredis, 'ready'), connected]);
const redis = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
try {
  await ready;
  // What was queued is written before this.
  const counts = {};
  for (const [name, client] of Object.entries(clients)) counts[name] = Number(await client.get(name));
  console.log(`${ATTEMPTS} INCR while there was no Redis, and then Redis was started`);
  for (const name of Object.keys(clients)) console.log(`  ${name}: ${failures[name]} failed; the counter is ${counts[name]}`);
  const holds = Object.values(failures).every((n) => n === ATTEMPTS) && counts['ioredis 6.0.0'] === ATTEMPTS && counts['@redis/client 6.3.1'] === 0;
  console.log(holds ? 'holds: ioredis sends what it has reported as failed' : 'changed');
  process.exitCode = holds ? 0 : 1;
} finally {
  ioredis.disconnect();
  nodeRedis.destroy();
  redis.kill();
}
JS
timeout 60 node probe.mjs
