#!/usr/bin/env bash
# rate-limiter-flexible 11.4.0: a quota for a month, in memory.
#
# `RateLimiterMemory` takes a duration in seconds, and its answers give the right `msBeforeNext` for any. A counter is removed
# by a timer of that duration, and timers end at 24.8 days: a longer one fires after a millisecond. So a quota for thirty days
# forgets each user before the next request, and is never used up, while one for 24 days works. The answers say nothing of it;
# Node.js prints a TimeoutOverflowWarning for each request. The same class is the usual insurance of the Redis limiter, so
# there the quota that worked is gone once Redis is.
#
# Seen with ten requests allowed and fifty sent: ten pass with 24 days, fifty with 30. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent rate-limiter-flexible@11.4.0
cat >probe.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import { RateLimiterMemory } from 'rate-limiter-flexible';

const POINTS = 10;
const SENT = 50;
console.log(`rate-limiter-flexible 11.4.0 in memory, ${SENT} requests of one user where ${POINTS} are allowed`);
const passed = {};
for (const days of [1, 24, 25, 30]) {
  const limiter = new RateLimiterMemory({ points: POINTS, duration: days * 86_400 });
  passed[days] = 0;
  let last;
  for (let i = 0; i < SENT; i++) {
    const answer = await limiter.consume('ada').then((res) => ((passed[days] += 1), res), (res) => res);
    last = answer;
    await sleep(5);
  }
  console.log(`  in ${days} days: ${passed[days]} pass; the last answer: ${last.remainingPoints} left for ${(last.msBeforeNext / 86_400_000).toFixed(1)} days`);
}
const holds = passed[1] === POINTS && passed[24] === POINTS && passed[25] === SENT && passed[30] === SENT;
console.log(holds ? 'holds: a quota for a month is never used up' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 60 node --disable-warning=TimeoutOverflowWarning probe.mjs
