#!/usr/bin/env bash
# Redis 7.0: SLOWLOG, and a transaction that keeps Redis busy.
#
# Redis runs a transaction as a whole, and every other client waits for its end. SLOWLOG is where one looks for what others
# waited for. It leaves EXEC out, and holds a command within it only if that alone was slow. So a transaction of many quick
# commands, such as a sign-out everywhere that deletes many sessions at once, delays everybody for a second and has no
# entry, while a script that does the same has one. `cmdstat_exec` of INFO commandstats and LATENCY LATEST show it.
#
# Seen with a limit of 100 ms: EXEC took 1.8 s and has no entry; the script has one. Exits with 1 if that changes, 2 if
# there is no redis-server.
set -euo pipefail
command -v redis-server >/dev/null || { echo 'this needs a redis-server on the PATH'; exit 2; }
folder=$(mktemp -d)
redis=
trap '[ -z "$redis" ] || kill "$redis" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
port=$(node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" >/dev/null &
redis=$!
ask() { timeout 60 redis-cli -p "$port" "$@"; }
for _ in $(seq 100); do ask ping 2>/dev/null | grep -q PONG && break || sleep 0.05; done
# The limit is above what a busy machine may add to a command of a millisecond.
LIMIT_US=100000
TIMES=500
ask config set slowlog-log-slower-than "$LIMIT_US" >/dev/null
ask config set latency-monitor-threshold 100 >/dev/null
# A set of five thousand members, of which each command makes a copy.
ask eval 'for i = 1, 5000 do redis.call("SADD", "online", "user:" .. i) end' 0 >/dev/null
ask slowlog reset >/dev/null
{ echo MULTI; for _ in $(seq "$TIMES"); do echo 'SUNIONSTORE copy online'; done; echo EXEC; } >transaction.txt
ask <transaction.txt >/dev/null
transaction=$(ask slowlog len)
# On a busy machine one of the commands may take that long.
ask --json slowlog get -1 >slow.json
ask info commandstats | tr -d '\r' >commands.txt
ask latency latest >latency.txt
ask eval "for i = 1, $TIMES do redis.call('SUNIONSTORE', 'copy', 'online') end" 0 >/dev/null
script=$(($(ask slowlog len) - transaction))
version=$(ask info server | tr -d '\r' | sed -n 's/^redis_version://p')
took=$(sed -n 's/^cmdstat_exec:calls=1,usec=\([0-9]*\),.*/\1/p' commands.txt)
each=$(sed -n 's/^cmdstat_sunionstore:.*usec_per_call=\([0-9]*\).*/\1/p' commands.txt)
latency=$(sed -n 4p latency.txt)
logged=$(node -p 'JSON.parse(require("node:fs").readFileSync("slow.json", "utf8")).reduce((sum, [, , us]) => sum + us, 0)')
execs=$(grep -ci '"exec"' slow.json || true)
echo "Redis $version, $TIMES commands of $each µs in a transaction, and in a script; SLOWLOG has what takes $LIMIT_US µs"
echo "  the transaction took $took µs, and LATENCY LATEST says $latency ms; entries in SLOWLOG: $transaction, of $logged µs in all"
echo "  entries of the script: $script"
if [ "$took" -gt $((2 * LIMIT_US)) ] && [ "$latency" -ge 200 ] && [ "$execs" -eq 0 ] && [ "$logged" -lt $((took / 2)) ] && [ "$script" -ge 1 ]; then
  echo 'holds: the transaction has no entry'
else
  echo 'changed'
  exit 1
fi
