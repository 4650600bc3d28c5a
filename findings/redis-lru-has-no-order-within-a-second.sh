#!/usr/bin/env bash
# Redis 7.0 with maxmemory-policy allkeys-lru: what it evicts in a short test.
#
# A test of a cache fills Redis, reads half of the keys, writes more than fits, and looks what is gone: with a sample of 64
# keys for each eviction it should be the half that was not read. Redis keeps the time of a key's last use in whole seconds.
# If all of that happens within one of them, all keys are equally old, and those just read are evicted like the others: a test
# or a benchmark of less than a second measures eviction at random, and finds the hit rate of a cache without LRU. The same
# steps with two seconds between filling and reading evict none of those that were read.
#
# Seen: more than a third of the evicted keys had just been read; after a pause none. Exits with 1 if that changes, 2 if there
# is no Redis.
set -euo pipefail
command -v redis-server >/dev/null || { echo 'this needs redis-server on the PATH'; exit 2; }
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent ioredis@6.0.0
port=$(node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --maxmemory-policy allkeys-lru --maxmemory-samples 64 >redis.log &
server=$!
cat >probe.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

const KEYS = 4000;
const MORE = 1000;
const redis = new Redis(Number(process.argv[2]), '127.0.0.1');
// Loops at the server, so that all of it is over within a second.
const FILL = `for i = 1, ${KEYS} do redis.call('SET', 'key:' .. i, string.rep('x', 500)) end`;
const READ = `for i = 1, ${KEYS / 2} do redis.call('GET', 'key:' .. i) end`;
const COUNT = `local gone = {0, 0} for i = 1, ${KEYS} do if redis.call('EXISTS', 'key:' .. i) == 0 then
  local half = i <= ${KEYS / 2} and 1 or 2 gone[half] = gone[half] + 1 end end return gone`;
/** @returns how many keys were evicted that had been read, and that had not, and whether a second began on the way */
async function evicted(pauseMs) {
  await redis.config('SET', 'maxmemory', '0');
  await redis.flushall();
  const second = async () => Number((await redis.time())[0]);
  // The clock of the keys is brought forward every 100 ms, so the steps begin once that has happened in a new second.
  const before = await second();
  while ((await second()) === before) await sleep(5);
  await sleep(150);
  const began = await second();
  await redis.eval(FILL, 0);
  if (pauseMs > 0) await sleep(pauseMs);
  await redis.eval(READ, 0);
  const used = /used_memory:(\d+)/.exec(await redis.info('memory'))[1];
  await redis.config('SET', 'maxmemory', used);
  const pipeline = redis.pipeline();
  for (let i = 0; i < MORE; i++) pipeline.set(`more:${i}`, 'x'.repeat(500));
  await pipeline.exec();
  const isOneSecond = (await second()) === began;
  const [read, unread] = await redis.eval(COUNT, 0);
  return { read, unread, isOneSecond };
}
let atOnce = await evicted(0);
for (let tries = 0; tries < 10 && !atOnce.isOneSecond; tries++) atOnce = await evicted(0);
const later = await evicted(2200);
redis.disconnect();
console.log(`Redis 7.0 with allkeys-lru and 64 samples, ${KEYS} keys, half of which are read before ${MORE} more come`);
for (const [name, { read, unread }] of Object.entries({ 'within a second': atOnce, 'two seconds between filling and reading': later })) {
  console.log(`  ${name}: evicted ${read} keys that had just been read, and ${unread} that had not`);
}
const share = ({ read, unread }) => read / (read + unread);
const holds = atOnce.isOneSecond && share(atOnce) > 0.3 && share(later) < 0.02;
console.log(holds ? 'holds: within a second there is no order of use' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs "$port"
