#!/usr/bin/env bash
# performance.timerify of Node.js: calls that throw.
#
# A function wrapped by timerify records how long each call took, in a histogram and as entries. A call that throws is in
# neither. Calls that fail are often the slowest, as those that gave up after a wait, so the maximum and the upper
# percentiles come from the calls that went well, and the count is not that of calls. An async function is recorded when its
# promise is rejected, so the same code is measured in another way once it is declared async.
#
# Seen with Node.js 26.10.0: of 100 calls, ten of which throw after 200 ms, 90 are counted, and the slowest
# of these took a few milliseconds. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >probe.mjs <<'JS'
import { createHistogram, performance, PerformanceObserver } from 'node:perf_hooks';

const CALLS = 100;
const SLOW_MS = 200;
/** Every tenth call takes long and then throws. */
function work(i) {
  if (i % 10 !== 0) return i;
  const until = performance.now() + SLOW_MS;
  while (performance.now() < until);
  throw new Error('gave up');
}
let entries = 0;
const observer = new PerformanceObserver((list) => (entries += list.getEntriesByName('plain').length));
observer.observe({ entryTypes: ['function'] });
const histograms = { plain: createHistogram(), async: createHistogram() };
const timed = {
  plain: performance.timerify(function plain(i) { return work(i); }, { histogram: histograms.plain }),
  async: performance.timerify(async (i) => work(i), { histogram: histograms.async }),
};
for (let i = 0; i < CALLS; i++) {
  for (const call of Object.values(timed)) {
    try {
      await call(i);
    } catch {}
  }
}
await new Promise((resolve) => setTimeout(resolve, 50));
observer.disconnect();
console.log(`Node.js ${process.versions.node}, ${CALLS} calls, of which every tenth throws after ${SLOW_MS} ms`);
for (const [name, { count, max }] of Object.entries(histograms)) console.log(`  ${name} function: ${count} calls, the slowest ${(max / 1e6).toFixed(3)} ms`);
console.log(`  entries of the plain one: ${entries}`);
const { plain, async: later } = histograms;
const holds = plain.count === 90 && plain.max < (SLOW_MS / 2) * 1e6 && entries === 90 && later.count === CALLS && later.max >= SLOW_MS * 1e6;
console.log(holds ? 'holds: a call that throws is not recorded' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
