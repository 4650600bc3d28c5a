#!/usr/bin/env bash
# connect-pg-simple 10.0.0 with PostgreSQL 15: what a request writes that only extends its session.
#
# `touch` changes one column, `expire`, and not what it is found by. PostgreSQL can write such an update into the same page
# without a word to any index (a HOT update), and most engineers expect so. The table that comes with the package has an index
# on `expire`, for the clean-up every fifteen minutes, and an update of an indexed column is never HOT: each one makes a new
# entry in both indexes, and leaves dead ones for vacuum. So the index of a job that runs four times an hour is paid by every
# request, in the log that replicas and backups carry, and reads of sessions get slower until vacuum comes by. Without it all
# updates are HOT, and the clean-up is a scan.
#
# Seen with 2,000 uses of 100 sessions: no update is HOT with the index, all are without it, and the indexes have grown to
# several times their size. Exits with 1 if that changes, 2 if there is no PostgreSQL.
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
"${as[@]}" "$bin/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c autovacuum=off 2>/dev/null &
server=$!
mkdir probe && cd probe
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent pg@8.23.1 express-session@1.19.0 connect-pg-simple@10.0.0
cat >probe.cjs <<'JS'
const { readFileSync } = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
const { promisify } = require('node:util');
const { Pool } = require('pg');
const PgStore = require('connect-pg-simple')(require('express-session'));

const SCHEMA = readFileSync(require.resolve('connect-pg-simple/table.sql'), 'utf8');
const SESSIONS = 100;
const ROUNDS = 20;
async function main() {
  const pool = new Pool({ connectionString: `postgres://probe@127.0.0.1:${process.argv[2]}/postgres`, max: 1 });
  const one = async (text) => (await pool.query(text)).rows[0];
  for (let tries = 0; ; tries++) {
    try {
      await one('SELECT 1');
      break;
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(100);
    }
  }
  /** Uses each session once in a round, the rounds a minute apart. @returns updates, those that were HOT, and bytes of the indexes and of the log */
  async function use(change) {
    await pool.query(`DROP TABLE IF EXISTS session; ${SCHEMA}; ALTER TABLE session SET (fillfactor = 50); ${change}`);
    const store = new PgStore({ pool, pruneSessionInterval: false });
    const [set, touch] = [promisify(store.set.bind(store)), promisify(store.touch.bind(store))];
    const record = (minute) => ({ user: 'ada', cookie: { expires: new Date(Date.UTC(2040, 0, 1, 0, minute)).toISOString() } });
    for (let i = 0; i < SESSIONS; i++) await set(`session-${i}`, record(0));
    await pool.query('CHECKPOINT');
    const { before } = await one('SELECT pg_current_wal_lsn() AS before');
    for (let round = 1; round <= ROUNDS; round++) for (let i = 0; i < SESSIONS; i++) await touch(`session-${i}`, record(round));
    const { log } = await one(`SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '${before}')::int AS log`);
    // Counters of a session are reported within seconds.
    for (let tries = 0; tries < 100; tries++) {
      const seen = await one(
        "SELECT n_tup_upd::int AS updates, n_tup_hot_upd::int AS hot, pg_indexes_size('session')::int AS indexes FROM pg_stat_user_tables WHERE relname = 'session'",
      );
      if (seen.updates === SESSIONS * ROUNDS) return { ...seen, log };
      await sleep(100);
    }
    throw new Error('the updates were not counted within ten seconds');
  }
  const seen = { 'its own table': await use(''), 'without the index on expire': await use('DROP INDEX "IDX_session_expire"') };
  await pool.end();
  console.log(`connect-pg-simple 10.0.0 and PostgreSQL 15, ${SESSIONS * ROUNDS} uses of ${SESSIONS} sessions`);
  for (const [name, { updates, hot, indexes, log }] of Object.entries(seen)) {
    console.log(`  ${name}: ${hot} of ${updates} updates are HOT, indexes of ${indexes / 1024} KiB, ${Math.round(log / updates)} B of log for each use`);
  }
  const [own, without] = Object.values(seen);
  const holds = own.hot === 0 && without.hot === without.updates && own.indexes > 2 * without.indexes && own.log > 1.2 * without.log;
  console.log(holds ? 'holds: an index for the clean-up makes each use write all indexes' : 'changed');
  process.exitCode = holds ? 0 : 1;
}
main();
JS
timeout 90 node probe.cjs "$port"
