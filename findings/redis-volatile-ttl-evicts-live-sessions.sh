#!/usr/bin/env bash
# Redis 7.0 with `maxmemory-policy volatile-ttl`: which sessions go when memory is full.
#
# People choose this policy so that the session that ends soonest is evicted first. Sessions that have ended stay in memory
# until they are read or found, and one expects them to be evicted before any live session. But the choice is made among five
# random keys, so with one ended session in eighteen most samples hold none, and a user with 30 minutes left is logged out while
# thousands of ended sessions stay. `maxmemory-samples` fixes it, at the price of CPU time for each eviction.
#
# Seen with 100,000 live and 6,000 ended sessions and room needed for some 2,000: with 5 samples, the default, 73 % of those
# evicted were alive, with 10 samples 49 %, with 64 none. Exits with 1 if the default no longer does that, 2 if there is no redis-server.
set -euo pipefail
command -v redis-server >/dev/null || { echo 'this needs a redis-server on the PATH'; exit 2; }
folder=$(mktemp -d)
redis=
trap '[ -z "$redis" ] || kill "$redis" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent ioredis@6.0.0
port=$(node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" >/dev/null &
redis=$!
cat >probe.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

const redis = new Redis(Number(process.argv[2]), '127.0.0.1', { retryStrategy: (tries) => (tries < 100 ? 50 : null) });
redis.on('error', () => {});
const BATCH = 2000;
const [LIVE, ENDED, NEW] = [100_000, 6_000, 2_000];
const VALUE = 'x'.repeat(200);

async function write(name, count, ...end) {
  for (let from = 0; from < count; from += BATCH) {
    const batch = redis.pipeline();
    for (let i = from; i < from + BATCH; i++) batch.set(`${name}:${i}`, VALUE, ...end);
    await batch.exec();
  }
}
async function alive(name, count) {
  let found = 0;
  for (let from = 0; from < count; from += BATCH)
    found += await redis.exists(...Array.from({ length: BATCH }, (_, i) => `${name}:${from + i}`));
  return found;
}
async function read(section, name) {
  return Number(new RegExp(`^${name}:(.+)$`, 'm').exec(await redis.info(section))[1]);
}

async function trial(samples) {
  await redis.flushall();
  await redis.config('SET', 'maxmemory-policy', 'volatile-ttl');
  await redis.config('SET', 'maxmemory-samples', samples);
  await write('live', LIVE, 'PX', 1_800_000);
  const endsAt = Date.now() + 3000;
  await write('ended', ENDED, 'PXAT', endsAt);
  while (Date.now() <= endsAt) await sleep(1);
  const before = await read('stats', 'evicted_keys');
  await redis.config('SET', 'maxmemory', await read('memory', 'used_memory'));
  await write('new', NEW, 'PX', 1_800_000);
  await redis.config('SET', 'maxmemory', 0);
  const evicted = (await read('stats', 'evicted_keys')) - before;
  const inMemory = await redis.dbsize();
  const [live, fresh] = [await alive('live', LIVE), await alive('new', NEW)];
  const lost = LIVE + NEW - live - fresh;
  const percent = Math.round((100 * lost) / evicted);
  console.log(`  maxmemory-samples ${samples}: ${evicted} evicted, ${lost} of them alive (${percent} %); ${inMemory - live - fresh} ended ones stayed`);
  return { percent, stayed: inMemory - live - fresh };
}

console.log(`Redis ${/redis_version:(\S+)/.exec(await redis.info('server'))[1]}, volatile-ttl, ${LIVE} live and ${ENDED} ended sessions`);
const usual = await trial(5);
await trial(10);
const most = await trial(64);
redis.disconnect();
const holds = usual.percent > 30 && usual.stayed > 1000 && most.percent < usual.percent / 2;
console.log(holds ? 'holds: live sessions go while ended ones stay' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 60 node probe.mjs "$port"
