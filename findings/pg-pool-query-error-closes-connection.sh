#!/usr/bin/env bash
# pg 8.23.1: a statement that PostgreSQL refuses, sent by `pool.query`.
#
# The connection still works after such an error, and a client that was checked out keeps it. `pool.query` passes the error to
# `release`, which assumes a broken connection and closes it. So each duplicate key and each violated constraint costs a new
# connection: a process of the database, a TLS handshake, a key derivation of SCRAM. Code that tries an INSERT and reads
# "unique_violation" as "already there" makes a new connection for each such answer.
#
# Seen with PostgreSQL 15: 50 duplicate keys by pool.query, 49 new connections; by one client, none.
# Exits with 1 if that changes, 2 if there is no PostgreSQL.
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

const INSERT = "INSERT INTO session VALUES ('taken')";
const TIMES = 50;

async function main() {
  const pool = new Pool({ connectionString: `postgres://probe@127.0.0.1:${process.argv[2]}/postgres`, max: 4 });
  for (let tries = 0; ; tries++) {
    try {
      await pool.query('CREATE TABLE session (id text PRIMARY KEY)');
      break;
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(100);
    }
  }
  await pool.query(INSERT);
  let connections = 0;
  pool.on('connect', () => (connections += 1));
  const duplicates = async (query) => {
    connections = 0;
    let refused = 0;
    for (let i = 0; i < TIMES; i++) await query(INSERT).catch(({ code }) => (refused += code === '23505' ? 1 : 0));
    return { refused, connections };
  };
  const byPool = await duplicates((text) => pool.query(text));
  const client = await pool.connect();
  const byClient = await duplicates((text) => client.query(text));
  client.release();
  // What succeeds keeps the connection.
  connections = 0;
  for (let i = 0; i < TIMES; i++) await pool.query('SELECT 1');
  const bySelect = connections;
  await pool.end();
  console.log(`pg 8.23.1, ${byPool.refused} duplicate keys by pool.query: ${byPool.connections} new connections`);
  console.log(`  ${byClient.refused} by one client: ${byClient.connections}; ${TIMES} statements that succeed by pool.query: ${bySelect}`);
  const holds = byPool.refused === TIMES && byPool.connections >= TIMES - 1 && byClient.connections <= 1 && bySelect <= 1;
  console.log(holds ? 'holds: each error of a statement costs a connection' : 'changed');
  process.exitCode = holds ? 0 : 1;
}
main();
JS
timeout 60 node probe.cjs "$port"
