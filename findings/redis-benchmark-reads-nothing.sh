#!/usr/bin/env bash
# redis-benchmark of Redis 7.0: what `-t get` reads.
#
# `-d` is described as the size of the value of SET and GET, so `-t get -d 10000` seems to time reads of 10,000 bytes. GET asks for
# a key that only the SET test writes. If that did not run, on a new Redis or because of `-t get`, every read finds
# nothing, and the figure is that of a reply of five bytes whatever `-d` says. With `-r` and both tests, SET chooses its keys at
# random, so with as many requests as keys 37 % of the reads find no value. Nothing in the output says so; keyspace_misses
# of INFO does.
#
# Seen: 20,000 reads of 10,000 bytes, 20,000 misses; with -r 20000 -n 20000 -t set,get 37 % misses. Exits with 1 if that changes,
# 2 if there is no Redis.
set -euo pipefail
for command in redis-server redis-benchmark redis-cli; do
  command -v "$command" >/dev/null || { echo "this needs $command on the PATH"; exit 2; }
done
folder=$(mktemp -d)
redis=
trap '[ -z "$redis" ] || kill "$redis" 2>/dev/null || true; rm -rf "$folder"' EXIT
port=$(node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" >/dev/null &
redis=$!
tell() { redis-cli -p "$port" "$@"; }
for _ in $(seq 100); do [ "$(tell ping 2>/dev/null)" != PONG ] || break; sleep 0.1; done
read_stat() { tell info stats | tr -d '\r' | sed -n "s/^$1://p"; }
run() {
  tell flushall >/dev/null
  tell config resetstat >/dev/null
  timeout 60 redis-benchmark -p "$port" -q "$@" | tr '\r' '\n' | grep -E '^ *[A-Z]+: .*per second' | sed 's/^ */    /'
  hits=$(read_stat keyspace_hits) misses=$(read_stat keyspace_misses) out=$(read_stat total_net_output_bytes)
}
echo "$(redis-benchmark --version)"
echo '  -t get -d 10000 -n 20000'
run -t get -d 10000 -n 20000
echo "    hits $hits, misses $misses, bytes sent for each read $((out / 20000))"
alone_hits=$hits alone_misses=$misses
echo '  -t set,get -d 10000 -n 20000 -r 20000'
run -t set,get -d 10000 -n 20000 -r 20000
echo "    hits $hits, misses $misses"
if [ "$alone_hits" = 0 ] && [ "$alone_misses" = 20000 ] && [ "$misses" -gt 6000 ]; then
  echo 'holds: reads that find nothing are timed'
else
  echo 'changed'
  exit 1
fi
