#!/usr/bin/env bash
# @fastify/under-pressure 9.2.0: what `maxEventLoopUtilization` is compared with.
#
# The limit is checked once per `sampleInterval`, so one expects the utilization of that interval. By default it is the one
# since the server started. A server that has been quiet for a while answers 200 in the middle of an overload, and the longer
# it has run, the longer the overload has to last: after a day with half of the loop used, a limit of 0.9 is not reached for
# four days. After a long overload it goes on refusing when the loop is idle again. A test that starts the server and loads it
# at once shows none of this. `eventLoopUtilizationMode: 'interval'` measures each interval.
#
# Seen: a loop that is fully busy for two seconds after six quiet ones, against a limit of 0.5: no request refused, and with
# `interval` most of them. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent fastify@5.12.8 @fastify/under-pressure@9.2.0
cat >probe.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import underPressure from '@fastify/under-pressure';
import Fastify from 'fastify';

const QUIET_MS = 6000;
const BUSY_MS = 2000;
/** Leaves a server alone, and then keeps its loop busy. @returns what its requests were answered, and the highest utilization that it saw */
async function overload(options) {
  const app = Fastify();
  await app.register(underPressure, { maxEventLoopUtilization: 0.5, sampleInterval: 200, ...options });
  app.get('/', async () => 'ok');
  await app.ready();
  await sleep(QUIET_MS);
  const seen = { requests: 0, refused: 0, highest: 0 };
  const end = performance.now() + BUSY_MS;
  while (performance.now() < end) {
    const turn = performance.now() + 50;
    while (performance.now() < turn);
    const { statusCode } = await app.inject('/');
    seen.requests += 1;
    seen.refused += statusCode === 503 ? 1 : 0;
    seen.highest = Math.max(seen.highest, app.memoryUsage().eventLoopUtilized);
    await new Promise(setImmediate);
  }
  await app.close();
  return seen;
}
console.log('@fastify/under-pressure 9.2.0, two seconds of a busy loop after six quiet ones, limit 0.5');
const byDefault = await overload({});
const byInterval = await overload({ eventLoopUtilizationMode: 'interval' });
for (const [name, { requests, refused, highest }] of Object.entries({ 'by default': byDefault, "mode 'interval'": byInterval })) {
  console.log(`  ${name}: ${refused} of ${requests} requests refused, highest utilization ${highest.toFixed(2)}`);
}
const holds = byDefault.refused === 0 && byDefault.highest < 0.45 && byInterval.highest > 0.8 && byInterval.refused > byInterval.requests / 2;
console.log(holds ? 'holds: the utilization is that since the start' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
