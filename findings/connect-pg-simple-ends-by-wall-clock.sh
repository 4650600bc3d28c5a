#!/usr/bin/env bash
# connect-pg-simple 10.0.0: when a session ends, if a connection's TimeZone is not UTC.
#
# The table that it comes with has `expire timestamp(6)`, without a time zone. The end, which is a number of seconds, is written
# as the wall clock of the writing connection's TimeZone and read in that of the reading connection. If two services share
# sessions and one sets a time zone for its reports, they disagree by the difference: a session of 20 minutes that the one in UTC
# begins is over at once for the one in Berlin, and the other way round it lives for two hours and 20 minutes. Even with a single
# zone, which initdb copies from the machine, the hour that the end of summer time repeats is read as its second pass: a session
# that ends in the first pass lives for an hour longer. `timestamptz` in the table fixes both.
#
# Seen with PostgreSQL 15: all three. Exits with 1 if that changes, 2 if there is no PostgreSQL.
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
npm install --no-audit --no-fund --silent pg@8.23.1 express-session@1.19.0 connect-pg-simple@10.0.0
cat >probe.cjs <<'JS'
const { readFileSync } = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
const { promisify } = require('node:util');
const { Pool } = require('pg');
const PgStore = require('connect-pg-simple')(require('express-session'));

const SCHEMA = readFileSync(require.resolve('connect-pg-simple/table.sql'), 'utf8');
const at = (utc) => (Date.now = () => Date.parse(utc));

async function connect(zone) {
  const pool = new Pool({ connectionString: `postgres://probe@127.0.0.1:${process.argv[2]}/postgres`, options: `-c timezone=${zone}` });
  for (let tries = 0; ; tries++) {
    try {
      await pool.query('SELECT 1');
      break;
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(100);
    }
  }
  const store = new PgStore({ pool, pruneSessionInterval: false });
  const [set, get] = [promisify(store.set.bind(store)), promisify(store.get.bind(store))];
  return {
    pool,
    begin: (id, minutes) => set(id, { user: id, cookie: { expires: new Date(Date.now() + minutes * 60_000).toISOString() } }),
    state: async (id) => ((await get(id)) === undefined ? 'over' : 'alive'),
  };
}

async function main() {
  const [utc, berlin] = [await connect('UTC'), await connect('Europe/Berlin')];
  await utc.pool.query(SCHEMA);

  at('2026-07-01T12:00:00Z');
  await utc.begin('of utc', 20);
  await berlin.begin('of berlin', 20);
  at('2026-07-01T12:00:01Z');
  const fresh = { own: await utc.state('of utc'), other: await berlin.state('of utc') };
  at('2026-07-01T14:00:00Z');
  const late = { own: await berlin.state('of berlin'), other: await utc.state('of berlin') };

  const autumn = {};
  for (const [zone, { begin, state }] of Object.entries({ UTC: utc, Berlin: berlin })) {
    at('2026-10-25T00:20:00Z');
    await begin(`autumn ${zone}`, 15);
    at('2026-10-25T01:30:00Z');
    autumn[zone] = await state(`autumn ${zone}`);
  }
  await Promise.all([utc.pool.end(), berlin.pool.end()]);
  console.log('connect-pg-simple 10.0.0');
  console.log(`  a session of 20 minutes, written under UTC, after 1 s: ${fresh.own} under UTC, ${fresh.other} under Europe/Berlin`);
  console.log(`  one written under Europe/Berlin, after 2 hours: ${late.own} under Europe/Berlin, ${late.other} under UTC`);
  console.log(`  one of 15 minutes, 55 minutes after its end in the night of the change: ${autumn.UTC} under UTC, ${autumn.Berlin} under Europe/Berlin`);
  const across = fresh.own === 'alive' && fresh.other === 'over' && late.own === 'over' && late.other === 'alive';
  const holds = across && autumn.UTC === 'over' && autumn.Berlin === 'alive';
  console.log(holds ? 'holds: the end depends on the TimeZone of who reads it' : 'changed');
  process.exitCode = holds ? 0 : 1;
}
main();
JS
timeout 60 node probe.cjs "$port"
