#!/usr/bin/env bash
# The `http` entries of Node.js's PerformanceObserver: how long a request took.
#
# One entry is made for each request that the process sends and one for each that it serves, with the same kind of duration.
# For node:http's client it ends when the headers have arrived, and the body is not in it. For the server it ends when the
# response has been handed over as a whole. So the two durations of one and the same request differ by all of its body, and
# the client's is a time to first byte that nothing calls one: a download that takes half a second is as fast as one that
# takes a minute.
#
# Seen with Node.js 26.10.0: 10 ms for the client and 501 for the server, of one request of 523 ms. Exits with 1 if that
# changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import http from 'node:http';
import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

const BODY_MS = 500;
const entries = [];
new PerformanceObserver((list) => entries.push(...list.getEntries())).observe({ entryTypes: ['http'] });
const server = http.createServer(async (_, response) => {
  response.write('the beginning');
  await sleep(BODY_MS);
  response.end('the end');
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const options = { host: '127.0.0.1', port: server.address().port, agent: false };
const from = performance.now();
// The time until the last byte.
const whole = await new Promise((resolve, reject) => {
  const request = http.get(options, (response) => response.resume().on('end', () => resolve(performance.now() - from)));
  request.on('error', reject);
});
await sleep(100);
server.close();
const durations = (name) => entries.filter((entry) => entry.name === name).map(({ duration }) => duration);
const [client, served] = [durations('HttpClient'), durations('HttpRequest')];
const list = (all) => all.map((ms) => `${ms.toFixed(0)} ms`).join(', ');
console.log(`Node.js ${process.versions.node}, a request whose body takes ${BODY_MS} ms`);
console.log(`  it took ${whole.toFixed(0)} ms; entry of the client: ${list(client)}; of the server: ${list(served)}`);
const holds = whole >= BODY_MS && client.length === 1 && client[0] < BODY_MS / 2 && served.length === 1 && served[0] >= BODY_MS * 0.95;
console.log(holds ? "holds: the client's ends with the headers" : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 30 node probe.mjs
