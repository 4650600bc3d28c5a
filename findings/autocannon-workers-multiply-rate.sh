#!/usr/bin/env bash
# autocannon 9.0.0: `overallRate` with `workers`.
#
# The option is "the number of requests to make per second from all connections", and connections are divided among the
# workers. The rate is not: each worker sends the whole rate, so four workers send four times what was asked for, and more. A
# server that was to be measured at 100 requests a second is measured at 400 or 500, and the result does not name the rate.
#
# Seen with a rate of 100: 106 a second without workers, 211 with two, 500 with four. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent autocannon@9.0.0
cat >probe.cjs <<'JS'
const { once } = require('node:events');
const { createServer } = require('node:http');
const autocannon = require('autocannon');
const [RATE, SECONDS] = [100, 4];
async function arrived(workers) {
  let requests = 0;
  const sockets = new Set();
  const server = createServer((request, response) => {
    requests += 1;
    response.end('ok');
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  await autocannon({ url, connections: 4, duration: SECONDS, overallRate: RATE, ...(workers > 0 && { workers }) });
  server.close();
  server.closeAllConnections();
  console.log(`  ${workers} workers: ${requests / SECONDS} requests a second on ${sockets.size} connections`);
  return requests / SECONDS;
}
async function main() {
  console.log(`autocannon 9.0.0, an overall rate of ${RATE} on 4 connections`);
  const [none, two, four] = [await arrived(0), await arrived(2), await arrived(4)];
  const holds = none < 1.5 * RATE && two > 1.7 * RATE && four > 3.4 * RATE;
  console.log(holds ? 'holds: each worker makes the whole rate' : 'changed');
  process.exitCode = holds ? 0 : 1;
}
main();
JS
timeout 60 node probe.cjs
