#!/usr/bin/env bash
# @redis/client 6.3.1 with `clientSideCache`, and Redis 7.0: a key that ends.
#
# Redis tells a client whose cache holds a key when that key changes, and one expects the end of its TTL to be such a change. It
# is told when Redis deletes the key, which happens when somebody asks for it or a slow search finds it. Nobody asks, because
# all who want it have it in their cache. So with many keys that live on, a session with a TTL of a second is still read from
# the cache ten seconds later, by GET, while Redis itself would answer that there is none. The cache has a `ttl` of its own, 0
# by default, which is no limit; the key's TTL is not asked for.
#
# Seen: all of 20 ended keys are read from the cache after 10 s, none from Redis, and then none from the cache. Exits with 1 if
# that changes, 2 if there is no redis-server.
set -euo pipefail
command -v redis-server >/dev/null || { echo 'this needs a redis-server on the PATH'; exit 2; }
folder=$(mktemp -d)
redis=
trap '[ -z "$redis" ] || kill "$redis" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @redis/client@6.3.1
port=$(node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" >/dev/null &
redis=$!
cat >probe.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';

const url = `redis://127.0.0.1:${process.argv[2]}`;
const COUNT = 20;
const WAIT_MS = 10_000;
const open = async (options) => {
  const client = createClient({ url, RESP: 3, socket: { reconnectStrategy: (tries) => (tries < 100 ? 50 : false) }, ...options });
  await client.on('error', () => {}).connect();
  return client;
};
const plain = await open({});
const caching = await open({ clientSideCache: { ttl: 0, maxEntries: 0 } });
const FILL = `for i = 1, 10000 do redis.call('SET', 'live:' .. ARGV[1] .. ':' .. i, 'x', 'EX', 3600) end`;
for (let batch = 0; batch < 20; batch++) await plain.eval(FILL, { keys: [], arguments: [String(batch)] });
const keys = Array.from({ length: COUNT }, (_, i) => `session:${i}`);
for (const key of keys) await plain.set(key, 'logged in', { PX: 1000 });
for (const key of keys) await caching.get(key);
await sleep(WAIT_MS);
const still = (await Promise.all(keys.map((key) => caching.get(key)))).filter((value) => value === 'logged in').length;
const inRedis = (await Promise.all(keys.map((key) => plain.get(key)))).filter((value) => value !== null).length;
await sleep(500);
const then = (await Promise.all(keys.map((key) => caching.get(key)))).filter((value) => value === 'logged in').length;
console.log(`@redis/client 6.3.1, ${COUNT} keys with a TTL of 1 s among 200,000 that live on, ${WAIT_MS / 1000} s later`);
console.log(`  read through the cache: ${still}; read from Redis: ${inRedis}; through the cache once somebody has asked Redis: ${then}`);
plain.destroy();
caching.destroy();
const holds = still > COUNT / 2 && inRedis === 0 && then === 0;
console.log(holds ? 'holds: the cache keeps what has ended' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 120 node probe.mjs "$port"
