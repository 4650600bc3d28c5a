#!/usr/bin/env bash
# pg 8.23.1: how many statements a pool of two has running, if they time out.
#
# `max` is expected to bound what a service does to its database, and `query_timeout` to end a statement that takes too long.
# The timeout ends the wait alone: PostgreSQL is not told, and works on. The pool closes the connection of the failed
# statement and counts it no more, so the next one gets a new connection, beside the one that still runs. While the database
# is slow, each timeout adds a statement: from a pool of two, twenty are running at once, and the database gets slower by its
# own clients' retries until max_connections refuses everybody. `statement_timeout` ends the statement at the server, and the
# bound holds.
#
# Seen with PostgreSQL 15: twenty statements of a pool of two at work, and none with `statement_timeout`. Exits with 1 if that
# changes, 2 if there is no PostgreSQL.
set -euo pipefail
bin=$(dirname "$(command -v postgres || ls -d /usr/lib/postgresql/*/bin/postgres 2>/dev/null | tail -n 1)")
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
mkdir probe && cd probe
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent pg@8.23.1
cat >probe.cjs <<'JS'
const { setTimeout: sleep } = require('node:timers/promises');
const { Pool } = require('pg');

const MAX = 2;
const STATEMENTS = 20;
const TIMEOUT_MS = 300;
const SLOW_S = 30;
const url = `postgres://probe@127.0.0.1:${process.argv[2]}/postgres`;
async function main() {
  const admin = new Pool({ connectionString: url, max: 1 });
  admin.on('error', () => {});
  for (let tries = 0; ; tries++) {
    try {
      await admin.query('SELECT 1');
      break;
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(100);
    }
  }
  const active = async (name) =>
    (await admin.query("SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = $1 AND state = 'active'", [name])).rows[0].n;
  /** Sends slow statements through a pool, each of which times out. @returns how many failed, how many run on, and what the pool counts */
  async function slow(name, options) {
    const pool = new Pool({ connectionString: url, max: MAX, application_name: name, ...options });
    pool.on('error', () => {});
    let failed = 0;
    await Promise.all(Array.from({ length: STATEMENTS }, () => pool.query(`SELECT pg_sleep(${SLOW_S})`).catch(() => (failed += 1))));
    const seen = { failed, active: await active(name), counted: pool.totalCount };
    await pool.end();
    return seen;
  }
  const seen = {
    query_timeout: await slow('client', { query_timeout: TIMEOUT_MS }),
    statement_timeout: await slow('server', { statement_timeout: TIMEOUT_MS }),
  };
  await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'client'");
  await admin.end();
  console.log(`pg 8.23.1, a pool of ${MAX}, ${STATEMENTS} statements of ${SLOW_S} s that time out after ${TIMEOUT_MS} ms`);
  for (const [name, { failed, active: running, counted }] of Object.entries(seen)) {
    console.log(`  ${name}: ${failed} failed, ${running} are running at the server, the pool counts ${counted} connections`);
  }
  const { query_timeout: client, statement_timeout: atServer } = seen;
  const holds = client.failed === STATEMENTS && client.active > 5 * MAX && client.counted <= MAX && atServer.failed === STATEMENTS && atServer.active === 0;
  console.log(holds ? 'holds: what timed out runs on, beyond the bound of the pool' : 'changed');
  process.exitCode = holds ? 0 : 1;
}
main();
JS
timeout 90 node probe.cjs "$port"
