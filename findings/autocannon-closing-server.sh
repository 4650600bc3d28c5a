#!/usr/bin/env bash
# autocannon 9.0.0: against a server that closes each connection after its answer, latencies grow with the run's length.
#
# The server needs 5 ms for each answer and says `connection: close`, as many do behind a balancer or after a given number of
# requests. autocannon reconnects, but keeps the entry of the finished request in its queue, so that each later answer
# is timed from an older request. Statuses and counts are right and no error is reported; only the time is wrong, and by
# an amount that depends on how long the run lasted.
#
# Seen: a median of hundreds of milliseconds after 2 s, and more than 1.4 times as much after 4 s. Exits with 1 if that
# changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent autocannon@9.0.0
cat >probe.cjs <<'JS'
const { createServer } = require('node:http');
const autocannon = require('autocannon');
const DELAY_MS = 5;
const server = createServer((request, response) => {
  response.setHeader('connection', 'close');
  setTimeout(() => response.end('ok'), DELAY_MS);
});
server.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  console.log(`autocannon ${require('autocannon/package.json').version}, a server that answers after ${DELAY_MS} ms and closes`);
  const p50 = [];
  for (const duration of [2, 4]) {
    const { latency, errors, non2xx, requests } = await autocannon({ url, connections: 10, duration });
    console.log(`  ${duration} s: p50 ${latency.p50} ms, ${requests.total} answers, ${errors} errors, ${non2xx} not 2xx`);
    p50.push(latency.p50);
  }
  server.close();
  const holds = p50[0] > 20 * DELAY_MS && p50[1] > 1.4 * p50[0];
  console.log(holds ? 'holds: p50 is far beyond the delay and grows with the run' : 'changed: p50 no longer grows with the run');
  process.exitCode = holds ? 0 : 1;
});
JS
timeout 60 node probe.cjs
