#!/usr/bin/env bash
# bottleneck 2.19.5, p-throttle 8.1.1 and limiter 4.1.0: limiters in a process whose clock is set back.
#
# A limit of so many requests a second is expected to depend on how much time passes. bottleneck and p-throttle keep the
# moment of the next request as a date. If the clock is set back by an hour, as when a machine is resumed whose clock ran
# ahead, that moment is an hour away: not one request is let through for that hour, no error is raised, and the queue grows by
# all that come. With a monotonic clock, as in limiter, nothing happens. A load test paced by one of them simply stops, and a
# client of a rated interface is down for as long as the step was.
#
# Seen in two seconds after a step of an hour: none of the requests with bottleneck and p-throttle, nearly all with limiter.
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent bottleneck@2.19.5 p-throttle@8.1.1 limiter@4.1.0
cat >probe.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import Bottleneck from 'bottleneck';
import { RateLimiter } from 'limiter';
import pThrottle from 'p-throttle';

const HOUR_MS = 60 * 60 * 1000;
const EVERY_MS = 20;
const PHASE_MS = 2000;
const clock = Date.now;
/** Each limit is a hundred a second, and fifty a second are asked for. */
const limiters = {
  'bottleneck 2.19.5': () => {
    const limiter = new Bottleneck({ minTime: 10 });
    return (request) => limiter.schedule(async () => request());
  },
  'p-throttle 8.1.1': () => pThrottle({ limit: 10, interval: 100 })(async (request) => request()),
  'limiter 4.1.0': () => {
    const limiter = new RateLimiter({ tokensPerInterval: 10, interval: 100 });
    return async (request) => {
      await limiter.removeTokens(1);
      request();
    };
  },
};
/** @returns requests in a phase before the clock is set back, and in one after it */
async function pass(make) {
  const send = make();
  let count = 0;
  const phase = async () => {
    count = 0;
    const end = performance.now() + PHASE_MS;
    while (performance.now() < end) {
      send(() => (count += 1));
      await sleep(EVERY_MS);
    }
    return count;
  };
  Date.now = clock;
  const before = await phase();
  Date.now = () => clock() - HOUR_MS;
  return { before, after: await phase() };
}
console.log(`requests in ${PHASE_MS / 1000} s, a clock that is set back by an hour, and the next ${PHASE_MS / 1000} s`);
const seen = {};
for (const [name, make] of Object.entries(limiters)) {
  seen[name] = await pass(make);
  console.log(`  ${name}: ${seen[name].before}, then ${seen[name].after}`);
}
const [bottleneck, throttle, limiter] = Object.values(seen);
const stops = ({ before, after }) => before > 20 && after === 0;
const holds = stops(bottleneck) && stops(throttle) && limiter.after > limiter.before / 2;
console.log(holds ? 'holds: they wait until the clock is back where it was' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 60 node probe.mjs
