#!/usr/bin/env bash
# got 16.1.0: `response.timings` of a request that was tried more than once.
#
# got repeats a GET that is answered with 503, 500, 429 and others, twice unless it is told otherwise, a second and then two
# seconds later. The times of a response are those of its last attempt alone. So a monitor or a load script that reads
# `timings.phases.total` reports a few milliseconds for a request whose caller waited for seconds, and the status that it sees
# is 200: a service that fails two requests in three is as quick and as healthy as before. `retryCount` says that it happened,
# and `retry: { limit: 0 }` ends it.
#
# Seen with 503, 503 and 200: timings of some milliseconds, and an answer after 3 s or more. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent got@16.1.0
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import got from 'got';

let requests = 0;
const server = createServer((_, response) => {
  requests += 1;
  response.statusCode = requests % 3 === 0 ? 200 : 503;
  response.end('ok');
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${server.address().port}/`;
const began = performance.now();
const { statusCode, retryCount, timings } = await got(url);
const waited = performance.now() - began;
const tried = requests;
const once503 = await got(url, { retry: { limit: 0 }, throwHttpErrors: false });
server.close();
server.closeAllConnections();
const since = timings.end - timings.start;
console.log('got 16.1.0, a service that answers 503, 503 and 200');
console.log(`  status ${statusCode} after ${waited.toFixed(0)} ms and ${tried} requests (retryCount ${retryCount})`);
console.log(`  timings.phases.total ${timings.phases.total} ms, timings.end - timings.start ${since} ms`);
console.log(`  with a limit of 0: status ${once503.statusCode}`);
const holds = statusCode === 200 && tried === 3 && retryCount === 2 && waited > 2500 && timings.phases.total < waited / 4 && since < waited / 4 && once503.statusCode === 503;
console.log(holds ? 'holds: the times are those of the last attempt' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
