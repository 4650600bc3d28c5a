#!/usr/bin/env bash
# ioredis-mock 8.13.1 beside Redis 7: how long keys live, and what a transaction reports.
#
# A session store that is tested on the mock is expected to behave on Redis as it did there. Options of commands that the mock
# does not know are left out without an error. `SET … KEEPTTL` removes the expiry, where Redis keeps it; `EXPIRE … NX` and
# `GT` set it whatever it was, so an end that is not to be moved is moved. INCR of a text within MULTI has the result NaN and
# no error, so code that looks for errors in the results of EXEC has never seen one. The suite is green for a store that is
# wrong, and red for one that is right.
#
# Seen: all four differ from Redis. Exits with 1 if that changes, 2 if there is no Redis.
set -euo pipefail
command -v redis-server >/dev/null || { echo 'this needs redis-server on the PATH'; exit 2; }
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent ioredis@5.11.1 ioredis-mock@8.13.1
port=$(node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no >redis.log &
server=$!
cat >probe.mjs <<'JS'
import { Redis } from 'ioredis';
import Mock from 'ioredis-mock';

const clients = { Redis: new Redis(Number(process.argv[2]), '127.0.0.1'), 'ioredis-mock': new Mock() };
const steps = {
  'a session of 100 s, written again with KEEPTTL: its TTL': async (redis) => {
    await redis.set('kept', 'old', 'EX', 100);
    await redis.set('kept', 'new', 'KEEPTTL');
    return redis.ttl('kept');
  },
  'one of 100 s, EXPIRE 10 NX: its TTL': async (redis) => {
    await redis.set('first', 'ada', 'EX', 100);
    await redis.expire('first', 10, 'NX');
    return redis.ttl('first');
  },
  'one of 100 s, EXPIRE 10 GT: its TTL': async (redis) => {
    await redis.set('later', 'ada', 'EX', 100);
    await redis.expire('later', 10, 'GT');
    return redis.ttl('later');
  },
  'MULTI, INCR of a text, EXEC': async (redis) => {
    await redis.set('text', 'ada');
    const [[error, result]] = await redis.multi().incr('text').exec();
    return error ? 'an error' : `no error, result ${result}`;
  },
};
console.log('ioredis-mock 8.13.1 and Redis 7');
const seen = {};
for (const [step, run] of Object.entries(steps)) {
  for (const [name, redis] of Object.entries(clients)) (seen[name] ??= []).push(await run(redis));
  console.log(`  ${step}: ${Object.entries(seen).map(([name, answers]) => `${name} ${answers.at(-1)}`).join(', ')}`);
}
const near = (wanted) => (ttl) => ttl > wanted - 5 && ttl <= wanted;
const isRedis = seen.Redis.slice(0, 3).every(near(100)) && seen.Redis[3] === 'an error';
const [kept, first, later, text] = seen['ioredis-mock'];
const holds = isRedis && kept === -1 && near(10)(first) && near(10)(later) && text === 'no error, result NaN';
console.log(holds ? 'holds: keys live for other times than in Redis' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 60 node probe.mjs "$port"
