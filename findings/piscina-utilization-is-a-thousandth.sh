#!/usr/bin/env bash
# piscina 5.3.2: `utilization` of a pool that is busy.
#
# It is the figure to alert on, or to add threads by, and is documented as the share of the pool's capacity that was used,
# between 0 and 1. The times of tasks are in milliseconds; they are divided by a thousand, and the time for which the pool has
# existed is not. So a pool whose only thread has not rested for a second reports 0.001, and no alert at 0.8 is ever raised.
# It is also the share since the pool began: after hours without work a full pool would show next to nothing in either unit.
#
# Seen: 0.001 for a thread that computed nine tenths of the time. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent piscina@5.3.2
cat >task.mjs <<'JS'
/** Takes a time of the clock, in ms. */
export default (ms) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};
JS
cat >probe.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import { Piscina } from 'piscina';

const TASK_MS = 100;
const BUSY_MS = 3000;
const pool = new Piscina({ filename: new URL('task.mjs', import.meta.url).href, minThreads: 1, maxThreads: 1 });
const began = performance.now();
let tasks = 0;
while (performance.now() - began < BUSY_MS) {
  await pool.run(TASK_MS);
  tasks += 1;
}
const busy = { reported: pool.utilization, worked: (tasks * TASK_MS) / (performance.now() - began) };
await sleep(BUSY_MS);
const rested = { reported: pool.utilization, worked: (tasks * TASK_MS) / (performance.now() - began) };
const { mean } = pool.histogram.runTime;
await pool.close();
console.log(`piscina 5.3.2, one thread and ${tasks} tasks of ${TASK_MS} ms; mean run time in its histogram: ${mean.toFixed(0)}`);
console.log(`  one after the other: at work for ${busy.worked.toFixed(2)} of the time, utilization ${busy.reported.toFixed(5)}`);
console.log(`  after as long without any: ${rested.worked.toFixed(2)}, utilization ${rested.reported.toFixed(5)}`);
const isThousandth = ({ reported, worked }) => Math.abs((reported * 1000) / worked - 1) < 0.3;
const holds = busy.worked > 0.6 && isThousandth(busy) && isThousandth(rested) && rested.reported < 0.7 * busy.reported;
console.log(holds ? 'holds: a full pool reports a thousandth' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
