#!/usr/bin/env bash
# Redis 7.0: LATENCY RESET between a warm-up and a measured run.
#
# LATENCY HISTOGRAM gives the latencies of each command, and LATENCY RESET, of the same family, is expected to begin them anew. It
# empties the list of spikes that LATENCY LATEST and LATENCY HISTORY read, and leaves the histograms, and the percentiles of INFO
# latencystats, as they are. It answers with a number and no error. So the percentiles of each run contain the warm-up and all
# runs before it: a change that makes a command faster hardly shows, and the slow start of the first run stays in the upper
# percentiles of all others. CONFIG RESETSTAT begins them anew.
#
# Seen with 30 calls of some 40 ms before LATENCY RESET and 300 quick ones after it: LATENCY HISTOGRAM has 330 calls, and the
# 99th percentile is that of the slow ones. Exits with 1 if that changes, 2 if there is no redis-server.
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
WARM_UP=30
RUN=300
ask config set latency-monitor-threshold 5 >/dev/null
# A set of fifty thousand members, which SUNIONSTORE copies as a whole; the measured run copies one member.
ask eval 'for i = 1, 50000 do redis.call("SADD", "online", "user:" .. i) end redis.call("SADD", "few", "user:1")' 0 >/dev/null
calls() { ask latency histogram sunionstore | sed -n 3p; }
p99() { ask info latencystats | tr -d '\r' | sed -n 's/^latency_percentiles_usec_sunionstore:.*,p99=\([0-9]*\)\..*/\1/p'; }
run() { for _ in $(seq "$RUN"); do echo 'SUNIONSTORE copy few'; done | ask >/dev/null; }
for _ in $(seq "$WARM_UP"); do echo 'SUNIONSTORE copy online'; done | ask >/dev/null
events=$(ask latency reset)
left=$(ask latency latest | grep -c . || true)
run
reset_calls=$(calls) reset_p99=$(p99)
ask config resetstat >/dev/null
run
resetstat_calls=$(calls) resetstat_p99=$(p99)
echo "Redis $(ask info server | tr -d '\r' | sed -n 's/^redis_version://p'), $WARM_UP slow calls, a reset, and $RUN quick calls"
echo "  LATENCY RESET emptied $events lists of spikes, and LATENCY LATEST has $left lines"
echo "  after LATENCY RESET: LATENCY HISTOGRAM has $reset_calls calls, p99 $reset_p99 µs"
echo "  after CONFIG RESETSTAT: $resetstat_calls calls, p99 $resetstat_p99 µs"
if [ "$events" -ge 1 ] && [ "$reset_calls" -eq $((WARM_UP + RUN)) ] && [ "$resetstat_calls" -eq "$RUN" ] && [ "$reset_p99" -gt $((3 * resetstat_p99)) ]; then
  echo 'holds: LATENCY RESET leaves the histograms as they are'
else
  echo 'changed'
  exit 1
fi
