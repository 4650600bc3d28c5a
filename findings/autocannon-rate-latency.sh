#!/usr/bin/env bash
# autocannon 9.0.0: asked for a rate below what the server could do, its "corrected" latencies fall below the server's own.
#
# A server answers every request after 50 ms. At 40 requests a second over 10 connections no request is ever late, so a
# correction for coordinated omission has nothing to add, and no percentile can be below 50 ms. autocannon takes the
# expected interval between requests to be ceil(1 / rate) milliseconds, which is 1 ms for every rate above 1, and so
# adds a sample for each millisecond of each answer: some fifty samples a request, half of them faster than the server.
# With ignoreCoordinatedOmission the same run reports the server's true latency.
#
# Seen: a median of 33 ms and more than ten samples for each request. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent autocannon@9.0.0
cat >probe.cjs <<'JS'
const { createServer } = require('node:http');
const autocannon = require('autocannon');
const DELAY_MS = 50;
const server = createServer((request, response) => setTimeout(() => response.end('ok'), DELAY_MS));
server.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const drive = (ignoreCoordinatedOmission) =>
    autocannon({ url, connections: 10, overallRate: 40, duration: 3, ignoreCoordinatedOmission });
  const corrected = await drive(false);
  const plain = await drive(true);
  server.close();
  const told = ({ requests, latency }) => `${requests.total} requests, ${latency.totalCount} samples, p50 ${latency.p50} ms`;
  console.log(`autocannon ${require('autocannon/package.json').version}, a server that answers after ${DELAY_MS} ms`);
  console.log(`  by default:                 ${told(corrected)}`);
  console.log(`  ignoreCoordinatedOmission:  ${told(plain)}`);
  const holds = corrected.latency.p50 < DELAY_MS && corrected.latency.totalCount > 10 * corrected.requests.total && plain.latency.p50 >= DELAY_MS - 1;
  console.log(holds ? 'holds: the default p50 is below what the server can do' : 'changed: the default p50 is no longer below the delay');
  process.exitCode = holds ? 0 : 1;
});
JS
timeout 60 node probe.cjs
