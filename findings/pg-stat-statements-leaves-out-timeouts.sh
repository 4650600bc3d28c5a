#!/usr/bin/env bash
# pg_stat_statements of PostgreSQL 15: statements that end with a timeout.
#
# The view has calls, mean and maximum of each statement, and is where one looks for the slow ones. It is written when a
# statement has ended well. One that `statement_timeout` ended is in no count and no time, and so is one that a lock timeout, a
# cancelled request or any other error ended. With a timeout on session look-ups, the slowest are left out by construction: no
# maximum is above the limit, the mean gets better the more of them fail, and `calls` does not say that there were others. The
# server's log names each.
#
# Seen with eight look-ups of 10 ms, two of 3 s and a timeout of 1 s: 8 calls, the slowest of some 10 ms. Exits with 1 if that
# changes, 2 if there is no PostgreSQL with the extension.
set -euo pipefail
bin=$(dirname "$(readlink -f "$(command -v postgres || ls -d /usr/lib/postgresql/*/bin/postgres 2>/dev/null | tail -n 1)")")
[ -x "$bin/initdb" ] || { echo 'this needs PostgreSQL: postgres and initdb'; exit 2; }
[ -e "$("$bin/pg_config" --pkglibdir)/pg_stat_statements.so" ] || { echo 'this needs the extension pg_stat_statements'; exit 2; }
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
"${as[@]}" "$bin/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_preload_libraries=pg_stat_statements 2>/dev/null &
server=$!
for _ in $(seq 100); do "$bin/pg_isready" --quiet --host 127.0.0.1 --port "$port" && break || sleep 0.1; done
mkdir probe && cd probe
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent pg@8.23.1
cat >probe.mjs <<'JS'
import pg from 'pg';

const LIMIT_MS = 1000;
const client = new pg.Client({ connectionString: `postgres://probe@127.0.0.1:${process.argv[2]}/postgres` });
await client.connect();
await client.query('CREATE EXTENSION pg_stat_statements');
await client.query(`SET statement_timeout = ${LIMIT_MS}`);
const seen = { ended: 0, timedOut: 0, slowest: 0 };
for (const seconds of [...Array(8).fill(0.01), 3, 3]) {
  const began = performance.now();
  await client.query('SELECT pg_sleep($1)', [seconds]).then(
    () => (seen.ended += 1),
    ({ code }) => (seen.timedOut += code === '57014' ? 1 : 0),
  );
  seen.slowest = Math.max(seen.slowest, performance.now() - began);
}
const { rows } = await client.query("SELECT calls::int, mean_exec_time AS mean, max_exec_time AS max FROM pg_stat_statements WHERE query LIKE 'SELECT pg_sleep%'");
const { rows: [{ server_version: version }] } = await client.query('SHOW server_version');
await client.end();
const [told] = rows;
console.log(`PostgreSQL ${version.split(' ')[0]}, statement_timeout ${LIMIT_MS} ms`);
console.log(`  the client: ${seen.ended} ended, ${seen.timedOut} timed out, the slowest took ${seen.slowest.toFixed(0)} ms`);
console.log(`  pg_stat_statements: ${told?.calls} calls, mean ${told?.mean.toFixed(1)} ms, maximum ${told?.max.toFixed(1)} ms`);
const holds = seen.ended === 8 && seen.timedOut === 2 && seen.slowest >= LIMIT_MS && rows.length === 1 && told.calls === 8 && told.max < LIMIT_MS;
console.log(holds ? 'holds: what timed out is not in it' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs "$port"
