#!/usr/bin/env bash
# autocannon 9.0.0: requests that time out, and the percentiles of latency.
#
# A request without an answer within `timeout` is counted in `timeouts` and `errors`, but in no percentile. So the slowest
# requests are left out of the very figure that is about them: for a server that leaves one request in fifty without an answer,
# the 99th percentile and the maximum are those of the other forty-nine. Under overload, the more requests are lost the better the
# percentiles look.
#
# Seen: of some 2,600 requests 1.5 % waited 2 s for nothing; p99 171 ms, max 611 ms. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent autocannon@9.0.0
cat >probe.cjs <<'JS'
const { createServer } = require('node:http');
const autocannon = require('autocannon');
const TIMEOUT_S = 2;
let requests = 0;
const server = createServer((request, response) => {
  requests += 1;
  // One in fifty is never answered.
  if (requests % 50 !== 0) setTimeout(() => response.end('ok'), 5);
});
server.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const result = await autocannon({ url, connections: 20, duration: 6, timeout: TIMEOUT_S });
  server.close();
  server.closeAllConnections();
  const { latency, timeouts } = result;
  const percent = (100 * timeouts) / (latency.totalCount + timeouts);
  console.log(`autocannon 9.0.0: ${latency.totalCount} answers, ${timeouts} timeouts of ${TIMEOUT_S} s (${percent.toFixed(1)} %)`);
  console.log(`  latency: p50 ${latency.p50} ms, p99 ${latency.p99} ms, p99.9 ${latency.p99_9} ms, max ${latency.max} ms`);
  const holds = percent > 1 && latency.max < TIMEOUT_S * 1000;
  console.log(holds ? 'holds: more than one in a hundred waited for 2 s, and no percentile says so' : 'changed');
  process.exitCode = holds ? 0 : 1;
});
JS
node probe.cjs
