#!/usr/bin/env bash
# postgres 3.4.9 (Postgres.js): a quick query while all connections of the pool are busy.
#
# A pool is expected to hold a query until a connection is free, as that of pg does. This one sends it at once, over a connection
# that is busy: the database answers one query of a connection after the other, so it waits for the one before it, however long
# that takes and however soon another connection is free. So one slow report makes some session look-ups as slow as itself while
# connections are idle: those that happened to be sent after it. The database sees quick queries alone, and the wait is in no
# figure of the server. `max_pipeline: 0` lets queries wait for a free connection.
#
# Seen with two connections, one busy for 3 s and one for 0.3: of four quick queries two take 3 s; with pg and with
# `max_pipeline: 0` none takes more than some 0.3 s. Exits with 1 if that changes, 2 if there is no PostgreSQL.
set -euo pipefail
bin=$(dirname "$(readlink -f "$(command -v postgres || ls -d /usr/lib/postgresql/*/bin/postgres 2>/dev/null | tail -n 1)")")
[ -x "$bin/initdb" ] || { echo 'this needs PostgreSQL: postgres and initdb'; exit 2; }
folder=$(mktemp -d)
server=
as=()
[ "$(id -u)" != 0 ] || as=(setpriv --reuid postgres --regid postgres --clear-groups)
end() {
  kill -INT "$server" 2>/dev/null || return 0
  timeout 10 tail --pid "$server" -f /dev/null || kill -QUIT "$server"
}
trap '[ -z "$server" ] || end; rm -rf "$folder"' EXIT
[ "$(id -u)" != 0 ] || chown postgres "$folder"
cd "$folder"
"${as[@]}" "$bin/initdb" --pgdata "$folder/data" --auth=trust --username=probe --no-sync >/dev/null
port=$(node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
"${as[@]}" "$bin/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= 2>/dev/null &
server=$!
for _ in $(seq 100); do "$bin/pg_isready" --quiet --host 127.0.0.1 --port "$port" && break || sleep 0.1; done
mkdir probe && cd probe
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent postgres@3.4.9 pg@8.23.1
cat >probe.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import postgres from 'postgres';

const url = `postgres://probe@127.0.0.1:${process.argv[2]}/postgres`;
/** @returns how many ms each of four quick queries took, while one connection is busy for 3 s and the other for 0.3 */
async function quick(pause) {
  await Promise.all([pause(0.2), pause(0.2)]);
  const busy = [pause(3), pause(0.3)];
  await sleep(100);
  const took = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const began = performance.now();
      await pause(0);
      return performance.now() - began;
    }),
  );
  await Promise.all(busy);
  return took;
}
async function ofPostgres(options) {
  const sql = postgres(url, { max: 2, ...options });
  const took = await quick((seconds) => sql`SELECT pg_sleep(${seconds}::float8)`.execute());
  await sql.end();
  return took;
}
async function ofPg() {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  const took = await quick((seconds) => pool.query('SELECT pg_sleep($1)', [seconds]));
  await pool.end();
  return took;
}
const seen = { 'postgres 3.4.9': await ofPostgres({}), 'with max_pipeline 0': await ofPostgres({ max_pipeline: 0 }), 'pg 8.23.1': await ofPg() };
console.log('a pool of two connections, busy for 3 s and for 0.3 s, and four quick queries');
for (const [name, took] of Object.entries(seen)) console.log(`  ${name}: ${took.map((ms) => ms.toFixed(0)).join(', ')} ms`);
const [piped, single, pooled] = Object.values(seen).map((took) => took.filter((ms) => ms > 2000).length);
const holds = piped >= 1 && piped < 4 && single === 0 && pooled === 0;
console.log(holds ? 'holds: a quick query waits for a slow one while a connection is free' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs "$port"
