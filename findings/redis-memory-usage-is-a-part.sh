#!/usr/bin/env bash
# Redis 7.0: MEMORY USAGE, and what a session costs.
#
# It is read as the memory that a key takes, and multiplied by the number of sessions to size a server. It misleads in two ways.
# A key's entry in the table of expiries is left out, and so are the slots of both tables, so a session with a TTL takes more
# than it says, and the shorter the value the larger the part. And for a hash, set or list it looks at five elements and takes
# them for all: where one field of ten thousand holds a megabyte, most of the key is missing. `SAMPLES 0` looks at each element.
# Growth of used_memory, divided by the number of sessions, has everything.
#
# Seen: 120 B said and 181 taken for a value of 20 B, 312 and 373 for 200 B; 0.6 MB said of a hash that takes 2.0 MB. Exits with
# 1 if that changes, 2 if there is no redis-server.
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
import { Redis } from 'ioredis';

const redis = new Redis(Number(process.argv[2]), '127.0.0.1', { retryStrategy: (tries) => (tries < 100 ? 50 : null) });
redis.on('error', () => {});
const COUNT = 100_000;
const FIELDS = 10_000;
const used = async () => Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))[1]);
const FILL = `for i = 1, tonumber(ARGV[1]) do
  redis.call('SET', string.format('session:%032d', i), ARGV[2], unpack(ARGV, 3))
end`;

/** Bytes a key: by MEMORY USAGE, the same for each key, and by growth. */
async function look(valueBytes, ...expiry) {
  await redis.flushall();
  const before = await used();
  await redis.eval(FILL, 0, COUNT, 'x'.repeat(valueBytes), ...expiry);
  const grown = ((await used()) - before) / COUNT;
  const said = await redis.call('MEMORY', 'USAGE', `session:${'7'.padStart(32, '0')}`);
  return { said, grown, more: grown / said - 1 };
}
const percent = (part) => `${Math.round(100 * part)} %`;
const version = /redis_version:(\S+)/.exec(await redis.info('server'))[1];
console.log(`Redis ${version}, ${COUNT} keys of 40 bytes`);
const seen = {};
for (const [name, bytes, expiry] of [['20 B, no TTL', 20, []], ['20 B, a TTL', 20, ['EX', 3600]], ['200 B, a TTL', 200, ['EX', 3600]]]) {
  const { said, grown, more } = (seen[name] = await look(bytes, ...expiry));
  console.log(`  ${name}: MEMORY USAGE ${said} B, growth of used_memory ${grown.toFixed(0)} B a key, ${percent(more)} more`);
}
await redis.flushall();
const emptied = await used();
const FILL_HASH = `for i = 1, ${FIELDS} do redis.call('HSET', KEYS[1], i, 'x') end redis.call('HSET', KEYS[1], 'large', string.rep('x', ${2 ** 20}))`;
await redis.eval(FILL_HASH, 1, 'user');
const growth = (await used()) - emptied;
const sampled = await redis.call('MEMORY', 'USAGE', 'user');
const whole = await redis.call('MEMORY', 'USAGE', 'user', 'SAMPLES', '0');
console.log(`  a hash of ${FIELDS} fields, one of a megabyte: MEMORY USAGE ${sampled} B, SAMPLES 0 ${whole} B, growth ${growth} B`);
redis.disconnect();
const holds = seen['20 B, a TTL'].more > 0.2 && seen['200 B, a TTL'].more > 0.08 && sampled < whole / 2 && whole > 0.9 * growth;
console.log(holds ? 'holds: a session takes more than it says' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 60 node probe.mjs "$port"
