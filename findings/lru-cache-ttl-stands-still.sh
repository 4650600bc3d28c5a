#!/usr/bin/env bash
# lru-cache 11.5.3: the `ttl` of an entry in code that does not wait.
#
# To save calls of performance.now(), the cache keeps the time that it read, and a timer of `ttlResolution`, 1 ms by default,
# makes it read again. A timer needs a turn of the event loop. So in a loop without one, no time passes for the cache: an entry
# with a ttl of 1 ms is fresh for as long as the loop runs, and awaiting promises that are already resolved changes nothing. A
# benchmark of a cached lookup is such a loop. It never measures a miss, whatever ttl it was given, and reports the cost of hits
# as the cost of the cache. `ttlResolution: 0` reads the clock at each call, and counts the misses.
#
# Seen with a ttl of 1 ms and lookups for 500 ms: 1 or 2 misses, and more than 200 with ttlResolution 0. Exits with 1 if that
# changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent lru-cache@11.5.3 tinybench@6.2.3
cat >probe.mjs <<'JS'
import { LRUCache } from 'lru-cache';
import { Bench } from 'tinybench';

const TTL_MS = 1;
const TIME_MS = 500;
/** A lookup through a cache, and how often it was missed. */
function cached(options) {
  const cache = new LRUCache({ max: 10, ttl: TTL_MS, ...options });
  const counts = { calls: 0, misses: 0 };
  const lookUp = () => {
    counts.calls += 1;
    if (cache.get('key') !== undefined) return;
    counts.misses += 1;
    cache.set('key', 'value');
  };
  return { lookUp, counts };
}
async function look(options) {
  const one = cached(options);
  const from = performance.now();
  while (performance.now() - from < TIME_MS) one.lookUp();
  const two = cached(options);
  const begun = performance.now();
  while (performance.now() - begun < TIME_MS) await Promise.resolve(two.lookUp());
  const three = cached(options);
  const bench = new Bench({ time: TIME_MS, warmup: false });
  bench.add('a lookup', three.lookUp);
  await bench.run();
  return { 'a loop': one.counts, 'a loop that awaits': two.counts, 'tinybench 6.2.3': three.counts };
}
const usual = await look({});
const exact = await look({ ttlResolution: 0 });
console.log(`lru-cache 11.5.3, one key with a ttl of ${TTL_MS} ms, looked up for ${TIME_MS} ms: misses`);
for (const name of Object.keys(usual)) console.log(`  ${name}: ${usual[name].misses}; with ttlResolution 0: ${exact[name].misses}`);
const holds = Object.values(usual).every(({ misses }) => misses <= 5) && Object.values(exact).every(({ misses }) => misses > 50);
console.log(holds ? 'holds: the entry never gets older' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
