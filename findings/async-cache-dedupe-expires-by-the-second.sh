#!/usr/bin/env bash
# async-cache-dedupe 3.4.0: when entries of a cache with a `ttl` of a second or two expire.
#
# A cache of lookups that were made at different moments is expected to expire at different moments. Its clock is a number of
# whole seconds, read at most once a second and kept in between, and an entry begins at the second in which it was made. So
# entries with a ttl of 1 live for any time between nothing and a second, and all of them expire at the same moment: 500 keys,
# each looked up all the time, ask the store 500 times within a few milliseconds and then not at all for the rest of the second.
# The mean rate is as planned. The store sees a burst ten times as high, and whoever measures it finds a slow request once a
# second.
#
# Seen: all 500 loads of a second within 100 ms; with lru-cache at most 62 of them. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent async-cache-dedupe@3.4.0 lru-cache@11.5.3
cat >probe.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import { createCache } from 'async-cache-dedupe';
import { LRUCache } from 'lru-cache';

const KEYS = 500;
const SECONDS = 6;
const SLOT_MS = 100;
/** Looks up every key again and again, beginning at moments spread over a second, and counts loads in slots of time. */
async function look(makeLookUp) {
  const slots = Array.from({ length: (SECONDS * 1000) / SLOT_MS }, () => 0);
  const from = performance.now();
  const lookUp = makeLookUp(async () => {
    const slot = Math.floor((performance.now() - from) / SLOT_MS);
    if (slot < slots.length) slots[slot] += 1;
    await sleep(2);
    return 'value';
  });
  for (let time = 0; performance.now() - from < SECONDS * 1000; time++) {
    // In the first second ever more of them are asked for.
    const known = Math.min(KEYS, Math.ceil((KEYS * (performance.now() - from)) / 1000));
    await Promise.all(Array.from({ length: known }, (_, key) => lookUp(String(key))));
    await sleep(5);
  }
  // The first two seconds are those in which the keys come in.
  const steady = slots.slice(2000 / SLOT_MS);
  const loads = steady.reduce((sum, count) => sum + count, 0);
  const fullest = Array.from({ length: SECONDS - 2 }, (_, i) => Math.max(...steady.slice(i * 10, i * 10 + 10)));
  return { perSecond: loads / (SECONDS - 2), fullest };
}
const seen = {
  'async-cache-dedupe 3.4.0': await look((load) => {
    const cache = createCache({ ttl: 1, storage: { type: 'memory', options: { size: 2 * KEYS } } }).define('user', load);
    return (key) => cache.user(key);
  }),
  'lru-cache 11.5.3': await look((load) => {
    const cache = new LRUCache({ max: 2 * KEYS, ttl: 1000 });
    return (key) => {
      if (!cache.has(key)) cache.set(key, load());
      return cache.get(key);
    };
  }),
};
console.log(`${KEYS} keys with a ttl of a second, all in use`);
for (const [name, { perSecond, fullest }] of Object.entries(seen)) console.log(`  ${name}: ${perSecond.toFixed(0)} loads a second; the fullest ${SLOT_MS} ms of each second: ${fullest.join(', ')}`);
const share = ({ perSecond, fullest }) => fullest.reduce((sum, count) => sum + count, 0) / fullest.length / perSecond;
const [dedupe, lru] = Object.values(seen).map(share);
const holds = dedupe > 0.7 && lru < 0.4;
console.log(holds ? 'holds: they expire together' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 60 node probe.mjs
