#!/usr/bin/env bash
# Node.js 26.10.0: which requests `performance.getEntriesByType('resource')` has.
#
# `fetch` leaves a resource entry with the times of each request, and the list is expected to hold them all, or the last ones
# if there is a limit. It holds the first 250 of the process, and all later ones are dropped without a warning. So latencies
# that are read from it at the end of a run are those of the warm-up: a server that slowed down after it has a 99th percentile
# from before, and a second experiment in the same process has no entries of its own. A PerformanceObserver is given every one
# of them; `performance.setResourceTimingBufferSize` raises the limit, and `clearResourceTimings` makes room.
#
# Seen: 400 requests, the last 100 of which take 50 ms: 250 entries, none of them slow. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

const FAST = 300;
const SLOW = 100;
const SLOW_MS = 50;
const observed = [];
new PerformanceObserver((list) => observed.push(...list.getEntries())).observe({ type: 'resource' });
const server = createServer(({ url }, response) => setTimeout(() => response.end('ok'), url === '/slow' ? SLOW_MS : 0)).listen(0, '127.0.0.1');
await once(server, 'listening');
const origin = `http://127.0.0.1:${server.address().port}`;
const send = async (path) => void (await (await fetch(origin + path)).text());
for (let i = 0; i < FAST; i++) await send('/fast');
for (let i = 0; i < SLOW; i += 10) await Promise.all(Array.from({ length: 10 }, () => send('/slow')));
for (let tries = 0; tries < 100 && observed.length < FAST + SLOW; tries++) await sleep(20);
const kept = performance.getEntriesByType('resource');
const slow = (entries) => entries.filter(({ name }) => name.endsWith('/slow')).length;
server.closeAllConnections();
server.close();
console.log(`Node.js ${process.versions.node}, ${FAST} requests and then ${SLOW} that take ${SLOW_MS} ms`);
console.log(`  getEntriesByType: ${kept.length} entries, ${slow(kept)} of them slow`);
console.log(`  PerformanceObserver: ${observed.length} entries, ${slow(observed)} of them slow`);
const holds = kept.length === 250 && slow(kept) === 0 && observed.length === FAST + SLOW && slow(observed) === SLOW;
console.log(holds ? 'holds: only the first 250 are there' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 60 node probe.mjs
