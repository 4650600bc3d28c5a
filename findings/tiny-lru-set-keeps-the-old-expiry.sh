#!/usr/bin/env bash
# tiny-lru 13.1.0 with a `ttl`: a value that is set again.
#
# In Redis, lru-cache 11.5.3 and node-cache 5.1.2 a new value lives for the whole ttl. Here `set` on a key that is present replaces
# the value and keeps the expiry of the one before. So a session that was written a moment ago may be missing, and each use that
# writes the session gains nothing: it is read from the store again once per ttl. When lru-cache is replaced by this smaller
# package, nothing fails, and only the hit rate falls. With `resetTTL`, its third argument, it does as the others.
#
# Seen with a ttl of 3 s: a value that is set at 0 s and again at 1.8 s is gone at 3.6 s; in the other caches, and with resetTTL, it
# is there. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent tiny-lru@13.1.0 lru-cache@11.5.3 node-cache@5.1.2
cat >probe.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import NodeCache from 'node-cache';
import { lru } from 'tiny-lru';

const TTL_MS = 3000;
const caches = {
  'tiny-lru': lru(100, TTL_MS),
  'tiny-lru with resetTTL': lru(100, TTL_MS, true),
  'lru-cache': new LRUCache({ max: 100, ttl: TTL_MS }),
  'node-cache': new NodeCache({ stdTTL: TTL_MS / 1000, checkperiod: 0 }),
};
const all = Object.values(caches);
for (const cache of all) cache.set('session', 'old');
await sleep(TTL_MS * 0.6);
for (const cache of all) cache.set('session', 'new');
const replaced = all.every((cache) => cache.get('session') === 'new');
await sleep(TTL_MS * 0.6);
const seen = Object.fromEntries(Object.entries(caches).map(([name, cache]) => [name, cache.get('session') ?? 'gone']));
console.log(`a ttl of ${TTL_MS} ms, set at 0 and at ${TTL_MS * 0.6} ms, read at ${TTL_MS * 1.2} ms`);
for (const [name, value] of Object.entries(seen)) console.log(`  ${name}: ${value}`);
const { 'tiny-lru': plain, ...others } = seen;
const holds = replaced && plain === 'gone' && Object.values(others).every((value) => value === 'new');
console.log(holds ? 'holds: a new value ends with the old one' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
