#!/usr/bin/env bash
# Node.js 26.10.0: a histogram of perf_hooks that a worker sends to another thread.
#
# The documentation says that histograms can be cloned by postMessage, and a structured clone is a copy. That of a histogram is
# a second handle to the same counts. So a load generator whose workers send a histogram after each second, and reset it for the
# next, fills the list of the main thread with one and the same histogram. Every second has the percentiles of the last, or
# none after a reset: a stall in the middle of the run is in no second, and a clone that is read while the worker records goes
# on changing. Read at once, as in a first test, it looks right. A new histogram that the worker adds its own to, and sends once,
# has counts of its own.
#
# Seen with intervals of 10, 500 and 20 ms: medians of 20, 20 and 20 ms. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --save-exact node@26.10.0 >/dev/null 2>&1
cat >worker.mjs <<'JS'
import { createHistogram } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';

const { latenciesMs, copies } = workerData;
const histogram = createHistogram();
for (const ms of latenciesMs) {
  histogram.reset();
  for (let i = 0; i < 100; i++) histogram.record(ms * 1e6);
  const sent = copies ? createHistogram() : histogram;
  if (copies) sent.add(histogram);
  parentPort.postMessage(sent);
}
JS
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import { createHistogram } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';

const latenciesMs = [10, 500, 20];
/** @returns the medians of the histograms that a worker has sent, one after each interval, read at the end */
async function run(copies) {
  const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData: { latenciesMs, copies } });
  const intervals = [];
  worker.on('message', (histogram) => intervals.push(histogram));
  await once(worker, 'exit');
  return intervals.map((histogram) => Math.round(histogram.percentile(50) / 1e6));
}
const sent = await run(false);
const copied = await run(true);
const histogram = createHistogram();
const clone = structuredClone(histogram);
histogram.record(1);
console.log(`Node.js ${process.version}, intervals with latencies of ${latenciesMs.join(', ')} ms, one histogram sent after each`);
console.log(`  medians in the main thread: ${sent.join(', ')} ms; of copies: ${copied.join(', ')} ms`);
console.log(`  values in the clone of an empty histogram, after the original has recorded one: ${clone.count}`);
const near = (medians, expected) => medians.length === expected.length && medians.every((ms, i) => Math.abs(ms - expected[i]) <= expected[i] / 100);
const holds = near(sent, [20, 20, 20]) && near(copied, latenciesMs) && clone.count === 1;
console.log(holds ? 'holds: clones share their counts' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 ./node_modules/.bin/node probe.mjs
