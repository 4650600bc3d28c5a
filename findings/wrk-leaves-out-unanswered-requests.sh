#!/usr/bin/env bash
# wrk 4.1.0: requests that are never answered, and `--timeout`.
#
# A request without an answer is expected to be given up after the timeout, and to be counted under "Socket errors: … timeout".
# wrk ends no wait. It looks at the clock when an answer comes, and counts one that came too late. A request that gets none is in
# no count at all, neither as a request nor as an error, and its connection sends nothing for the rest of the run. So a server
# that loses requests has no errors and good percentiles, and each lost request takes a connection out of the load: the server
# looks slower, or idle once all of them are gone. The same server with late answers has errors.
#
# Seen with eight connections and a timeout of 2 s: four requests waited for 7 s until the end, four connections did nothing
# more, and wrk reports no timeout; four answers after 3 s are four timeouts. Exits with 1 if that changes, 2 if there is no wrk.
set -euo pipefail
command -v wrk >/dev/null || { echo 'this needs wrk on the PATH'; exit 2; }
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
cat >server.mjs <<'JS'
import { createServer } from 'node:http';

const LATE_MS = 3000;
const runs = { '/never': { answered: 0, lost: [] }, '/late': { answered: 0, lost: [] } };
// Of each path, the requests 100, 200, 300 and 400 get no answer, or a late one. /counts says how many there were, and since when.
const server = createServer(({ url }, response) => {
  if (url === '/counts') {
    const told = Object.values(runs).flatMap(({ answered, lost }) => [answered, lost.length, Math.round(performance.now() - Math.max(...lost))]);
    return response.end(told.join(' '));
  }
  const run = runs[url];
  const nth = run.answered + run.lost.length + 1;
  const answer = () => ((run.answered += 1), response.end('ok'));
  if (nth % 100 !== 0 || run.lost.length === 4) return setTimeout(answer, 5);
  run.lost.push(performance.now());
  if (url === '/late') setTimeout(() => response.end('ok'), LATE_MS);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
JS
mkfifo port
node server.mjs >port &
server=$!
read -r -t 30 port <port || { echo 'the server did not start within 30 s'; exit 2; }
cat >tell.lua <<'LUA'
done = function(summary, latency)
  print(string.format("FIGURES %d %d %.0f", summary.requests, summary.errors.timeout, latency.max / 1e3))
end
LUA
run() { timeout 40 wrk --threads 1 --connections 8 --duration 8s --timeout 2s --script tell.lua "http://127.0.0.1:$port$1" | grep FIGURES; }
counts() { node -e "fetch('http://127.0.0.1:$port/counts', { signal: AbortSignal.timeout(30_000) }).then((r) => r.text()).then((t) => console.log(t))"; }
read -r _ requests timeouts max < <(run /never)
read -r answered lost since _ < <(counts)
read -r _ _ lateTimeouts _ < <(run /late)
read -r _ _ _ _ late _ < <(counts)
echo "$(wrk --version 2>&1 | head -n 1 | cut -d' ' -f1-2), eight connections, a timeout of 2 s"
echo "  without an answer: the server answered $answered, and left $lost waiting, the last of them for $since ms"
echo "    wrk: $requests requests, slowest $max ms, timeouts $timeouts"
echo "  with $late answers after 3 s: timeouts $lateTimeouts"
if [ "$lost" -eq 4 ] && [ "$since" -gt 4000 ] && [ "$timeouts" -eq 0 ] && [ "$max" -lt 2000 ] && [ "$requests" -le "$answered" ] && [ "$lateTimeouts" -eq 4 ]; then
  echo 'holds: a request that is never answered is in no count'
else
  echo 'changed'
  exit 1
fi
