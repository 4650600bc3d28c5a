#!/usr/bin/env bash
# prom-client 15.1.3: its default metrics of event loop lag, idle and after a stall.
#
# nodejs_eventloop_lag_p50_seconds and its siblings hold what monitorEventLoopDelay counts at a resolution of 10 ms: the time
# between two ticks of a timer, including the 10 ms themselves. So a server that does nothing shows a lag of 10 ms. And a stall
# is one sample however long it lasts, against a hundred samples in each second before it: two seconds without any answer leave
# the 99th percentile where it was. nodejs_eventloop_lag_seconds is the lag at the moment of the scrape, and says nothing about
# earlier times. Only the maximum shows the stall, and every scrape resets it, whoever makes it.
#
# Seen on Node.js 26.10.0: idle p50 0.0101 s; after a stall of 2 s in 5 s: p99 0.015 s, max 2.0 s, then at the next scrape
# max 0.02 s. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent prom-client@15.1.3
cat >probe.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import { collectDefaultMetrics, Registry } from 'prom-client';

const register = new Registry();
collectDefaultMetrics({ register });
async function scrape() {
  const text = await register.metrics();
  const read = (name) => Number(new RegExp(`^nodejs_eventloop_lag_${name} (.+)$`, 'm').exec(text)[1]);
  return { p50: read('p50_seconds'), p99: read('p99_seconds'), max: read('max_seconds'), now: read('seconds') };
}
await scrape();
await sleep(2000);
const idle = await scrape();
await sleep(1500);
const until = performance.now() + 2000;
while (performance.now() < until);
await sleep(1500);
const stalled = await scrape();
await sleep(1000);
const next = await scrape();
console.log(`prom-client 15.1.3, Node.js ${process.version}, seconds`);
const line = (figures) => Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(4)}`).join(', ');
console.log(`  idle:                ${line(idle)}`);
console.log(`  2 s of 5 s stalled:  ${line(stalled)}`);
console.log(`  the scrape after it: ${line(next)}`);
const holds = idle.p50 > 0.008 && stalled.p99 < 0.5 && stalled.now < 0.5 && stalled.max > 1.9 && next.max < 1;
console.log(holds ? 'holds: idle is 10 ms, and the stall shows in the maximum of one scrape alone' : 'changed');
process.exit(holds ? 0 : 1);
JS
node probe.mjs
