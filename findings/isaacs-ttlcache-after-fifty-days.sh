#!/usr/bin/env bash
# @isaacs/ttlcache 2.1.5 in a process that has been running for fifty days.
#
# An entry is expected to go when its ttl has passed, on the fiftieth day as on the first. The cache keeps the times of expiry as
# the properties of an object, and relies on JavaScript to list integers in ascending order. It does so below 2^32 - 1. The times
# are milliseconds since the process began, and reach that number after 49.7 days. From then on they are listed in the order in
# which they were added, and the search for what has expired ends at the first that has not. So an entry with a short life that
# came after one with a long life stays, and `get` and `has` find it, until the long one ends: a session or a token that was
# to live for a minute, beside one that is remembered for a day, is there for a day. No test runs for fifty days, and a restart
# mends it for fifty more. `checkAgeOnGet` avoids it, as lru-cache 11.5.3 does, which looks at the age of what it returns.
#
# Seen with a ttl of a second, beside one of a day: gone after two seconds on the first day, there on the fiftieth. Exits with 1
# if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @isaacs/ttlcache@2.1.5 lru-cache@11.5.3
cat >probe.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';

const DAY_MS = 86_400_000;
// Both caches read performance.now(), the time since the process began: here, as many days ago.
const days = Number(process.argv[2]);
const now = performance.now.bind(performance);
Object.defineProperty(performance, 'now', { value: () => now() + days * DAY_MS });
const { TTLCache } = await import('@isaacs/ttlcache');
const { LRUCache } = await import('lru-cache');

const SHORT = 'a session of a second';
const caches = [new TTLCache(), new LRUCache({ max: 10 }), new TTLCache({ checkAgeOnGet: true })];
for (const cache of caches) {
  cache.set('a session of a day', 'valid', { ttl: DAY_MS });
  cache.set(SHORT, 'valid', { ttl: 1000 });
}
await sleep(2000);
const has = caches[0].has(SHORT);
const [ttlcache, lru, checked] = caches.map((cache) => cache.get(SHORT) ?? 'gone');
console.log(`  day ${days}: ttlcache ${ttlcache}, has() ${has}; with checkAgeOnGet ${checked}; lru-cache ${lru}`);
JS
first=$(timeout 30 node probe.mjs 1)
fiftieth=$(timeout 30 node probe.mjs 50)
printf '%s\n' 'a session of a second, two seconds later, beside one of a day' "$first" "$fiftieth"
if [ "$first" = '  day 1: ttlcache gone, has() false; with checkAgeOnGet gone; lru-cache gone' ] &&
  [ "$fiftieth" = '  day 50: ttlcache valid, has() true; with checkAgeOnGet gone; lru-cache gone' ]; then
  echo 'holds: after fifty days it stays'
else
  echo 'changed'
  exit 1
fi
