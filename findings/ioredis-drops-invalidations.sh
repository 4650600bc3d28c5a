#!/usr/bin/env bash
# ioredis 6.0.0 with `protocol: 3` and CLIENT TRACKING, Redis' own way of keeping a client's cache true.
#
# RESP3 exists for such pushes, ioredis 6 speaks it, and Redis confirms that tracking is on. When a key that was read changes,
# Redis sends `invalidate` on the same connection. ioredis does not recognise the push as one of its messages and drops it: no
# event, no error. A cache that relies on it never learns of a change and keeps ended sessions indefinitely. @redis/client with
# `emitInvalidate` reports the change.
#
# Seen with Redis 7.0: tracking on, one key changed, the push on the socket, no event; one event of @redis/client.
# Exits with 1 if that changes, 2 if there is no redis-server.
set -euo pipefail
command -v redis-server >/dev/null || { echo 'this needs a redis-server on the PATH'; exit 2; }
folder=$(mktemp -d)
redis=
trap '[ -z "$redis" ] || kill "$redis" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent ioredis@6.0.0 @redis/client@6.3.1
port=$(node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" >/dev/null &
redis=$!
cat >probe.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { Redis } from 'ioredis';

const port = Number(process.argv[2]);
const open = (options = {}) => {
  const client = new Redis(port, '127.0.0.1', { retryStrategy: (tries) => (tries < 100 ? 50 : null), ...options });
  client.on('error', () => {});
  return client;
};
const writer = open();
await writer.ping();

async function readAndChange(reader, key) {
  await writer.set(key, 'logged in');
  await reader.get(key);
  await writer.set(key, 'logged out');
  await sleep(300);
}

const pushed = open({ protocol: 3 });
const raw = [];
const events = [];
await pushed.ping();
pushed.stream.on('data', (data) => raw.push(String(data)));
for (const name of ['push', 'invalidate', 'message', 'messageBuffer', 'pmessage', 'smessage'])
  pushed.on(name, (...args) => events.push([name, ...args]));
await pushed.call('CLIENT', 'TRACKING', 'ON');
await readAndChange(pushed, 'session:1');
const arrived = raw.some((text) => text.includes('invalidate'));

const other = createClient({ url: `redis://127.0.0.1:${port}`, RESP: 3, emitInvalidate: true });
const invalidated = [];
other.on('error', () => {}).on('invalidate', (key) => invalidated.push(String(key)));
await other.connect();
await readAndChange(other, 'session:2');
other.destroy();
writer.disconnect();
pushed.disconnect();

console.log('ioredis 6.0.0, protocol 3, CLIENT TRACKING ON, a key that was read has changed');
console.log(`  on the connection: the push ${arrived ? 'arrived' : 'did not arrive'}; events: ${JSON.stringify(events)}`);
console.log(`  @redis/client 6.3.1, emitInvalidate: ${JSON.stringify(invalidated)}`);
const holds = arrived && events.length === 0 && invalidated.length === 1;
console.log(holds ? 'holds: the push comes in, and nobody hears of it' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 30 node probe.mjs "$port"
