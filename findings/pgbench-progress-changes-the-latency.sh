#!/usr/bin/env bash
# pgbench 15 with `--connect`, which makes a connection for each transaction: "latency average", and `--progress`.
#
# `--progress` prints how a run is getting on, and is expected to leave its result alone. "latency average" has two definitions
# under one name. As a rule it is the length of the run times clients, divided by transactions, so with --connect it includes
# connecting. With --progress, --rate or --latency-limit it is the mean of transactions that were timed one by one, each from
# the moment at which its connection is there. So the latency of a store without a pool falls to a fraction when one wants to
# watch the run, while tps stays: a comparison of two runs, one of them watched, finds a pooler where there is none.
#
# Seen with SELECT 1 and one client: latency times tps is one second, as it must be, and 0.1 to 0.3 with --progress. Exits with
# 1 if that changes, 2 if there is no PostgreSQL.
set -euo pipefail
bin=$(dirname "$(readlink -f "$(command -v postgres || ls -d /usr/lib/postgresql/*/bin/postgres 2>/dev/null | tail -n 1)")")
{ [ -x "$bin/initdb" ] && [ -x "$bin/pgbench" ]; } || { echo 'this needs PostgreSQL: postgres, initdb and pgbench'; exit 2; }
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
echo 'SELECT 1;' >one.sql
run() { timeout 60 "$bin/pgbench" --no-vacuum --host 127.0.0.1 --port "$port" --username probe --connect --client 1 --transactions 200 --file one.sql "$@" postgres 2>/dev/null >told.txt; }
figures() { sed -n 's/^latency average = \([0-9.]*\) ms.*/\1/p; s/^average connection time = \([0-9.]*\) ms$/\1/p; s/^tps = \([0-9.]*\) .*/\1/p' told.txt | tr '\n' ' '; }
run
plain=$(figures)
run --progress 60
watched=$(figures)
version=$("$bin/pgbench" --version | cut -d' ' -f3)
node -e '
const [version, ...told] = process.argv.slice(1);
const [plain, watched] = told.map((text) => {
  const [latency, connecting, tps] = text.trim().split(" ").map(Number);
  return { latency, connecting, tps, seconds: (latency * tps) / 1000 };
});
console.log(`pgbench ${version}, --connect, one client`);
for (const [name, { latency, connecting, tps, seconds }] of Object.entries({ "as it is": plain, "with --progress": watched })) {
  console.log(`  ${name}: latency average ${latency} ms, connecting ${connecting} ms, tps ${tps.toFixed(1)}; latency times tps ${seconds.toFixed(2)} s`);
}
const holds = Math.abs(plain.seconds - 1) < 0.02 && plain.latency > plain.connecting && watched.seconds < 0.5 && watched.latency < watched.connecting;
console.log(holds ? "holds: with --progress the latency is without connecting" : "changed");
process.exitCode = holds ? 0 : 1;
' "$version" "$plain" "$watched"
