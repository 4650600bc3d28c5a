#!/usr/bin/env bash
# ioredis 6.0.0 with `enableAutoPipelining`: the order in which one client's commands reach Redis.
#
# Without the option commands arrive in the order of the calls. With it, ordinary commands wait for the end of the turn, while
# SELECT, MULTI and explicit pipelines go out at once. So what was called first arrives second. A transaction of the same turn
# reads the old value of a key that was just set. A key is written to the database that was selected after it. And a GET under
# WATCH, the start of every compare-and-set, is answered with the value that the transaction has written.
#
# Seen with Redis 7.0: all three. Exits with 1 if that changes, 2 if there is no redis-server.
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

async function look(enableAutoPipelining) {
  const redis = new Redis(Number(process.argv[2]), '127.0.0.1', { enableAutoPipelining, retryStrategy: (tries) => (tries < 100 ? 50 : null) });
  redis.on('error', () => {});
  await redis.flushall();

  await redis.set('name', 'old');
  const [, [[, read]]] = await Promise.all([redis.set('name', 'new'), redis.multi().get('name').exec()]);

  await redis.set('balance', '1');
  const [, before] = await Promise.all([redis.watch('balance'), redis.get('balance'), redis.multi().set('balance', '2').exec()]);

  await Promise.all([redis.set('session', 'a'), redis.select(1)]);
  const inDatabase1 = await redis.exists('session');
  redis.disconnect();
  return { read, before, database: inDatabase1 };
}
const [plain, auto] = [await look(false), await look(true)];
const tell = (name, { read, before, database }) =>
  console.log(`  ${name}: a transaction after SET reads "${read}"; GET before the transaction answers ${before}; SET before SELECT 1 wrote to database ${database}`);
console.log('ioredis 6.0.0, commands of one turn on one client');
tell('in order            ', plain);
tell('enableAutoPipelining', auto);
const inOrder = plain.read === 'new' && plain.before === '1' && plain.database === 0;
const holds = inOrder && auto.read === 'old' && auto.before === '2' && auto.database === 1;
console.log(holds ? 'holds: what was called first arrives second' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 60 node probe.mjs "$port"
