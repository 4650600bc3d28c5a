#!/usr/bin/env bash
# @fastify/http-proxy 11.6.3 with @fastify/under-pressure 9.2.0: a refused request behind a proxy.
#
# A service that is overloaded answers 503, and its Retry-After says in how many seconds to come back. A proxy is expected to
# pass that on. @fastify/http-proxy, through @fastify/reply-from, sends a GET again, up to ten times, though `retriesCount` is
# 0, and it takes the seconds for milliseconds: "Retry-After: 10" is 10 ms. So each request that a service refuses becomes
# eleven within a fraction of a second, at the moment at which the service is overloaded, and its counters of refusals are
# eleven times what users saw. The first answers are in no log of the proxy. `maxRetriesOn503: 0` is read as unset; a
# `retryDelay` that returns null ends it.
#
# Seen: eleven requests at the service for one, within a second. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent fastify@5.12.8 @fastify/http-proxy@11.6.3 @fastify/reply-from@12.6.5 @fastify/under-pressure@9.2.0
cat >probe.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import httpProxy from '@fastify/http-proxy';
import underPressure from '@fastify/under-pressure';
import Fastify from 'fastify';

const listen = (app) => app.listen({ port: 0, host: '127.0.0.1' });
let arrived = 0;
const service = Fastify();
service.addHook('onRequest', async () => void (arrived += 1));
// Every server has a heap larger than one byte, so each request is refused, with the default Retry-After of ten seconds.
await service.register(underPressure, { maxHeapUsedBytes: 1 });
service.get('/', async () => 'ok');
service.post('/', async () => 'ok');
const upstream = await listen(service);
for (let tries = 0; tries < 500 && !service.isUnderPressure(); tries++) await sleep(20);

/** @returns the status and headers of one request through a proxy, how many arrived, and how long it took */
async function through(method, options) {
  const proxy = Fastify();
  await proxy.register(httpProxy, { upstream, ...options });
  const address = await listen(proxy);
  arrived = 0;
  const began = performance.now();
  const response = await fetch(address, { method });
  await response.text();
  const seen = { status: response.status, retryAfter: response.headers.get('retry-after'), arrived, ms: performance.now() - began };
  await proxy.close();
  return seen;
}
const seen = {
  'a GET': await through('GET', {}),
  'a GET with maxRetriesOn503: 0': await through('GET', { maxRetriesOn503: 0 }),
  'a GET with a retryDelay that returns null': await through('GET', { replyOptions: { retryDelay: () => null } }),
  'a POST': await through('POST', {}),
};
await service.close();
console.log('@fastify/http-proxy 11.6.3 before a service that refuses with @fastify/under-pressure 9.2.0');
for (const [name, { status, retryAfter, arrived: count, ms }] of Object.entries(seen)) {
  console.log(`  ${name}: ${status}, Retry-After ${retryAfter} s, ${count} requests at the service within ${ms.toFixed(0)} ms`);
}
const [plain, zero, none, post] = Object.values(seen);
const eleven = [plain, zero].every(({ status, retryAfter, arrived: count, ms }) => status === 503 && retryAfter === '10' && count === 11 && ms < 10_000);
const holds = eleven && none.arrived === 1 && post.arrived === 1;
console.log(holds ? 'holds: a refused request is sent eleven times' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
