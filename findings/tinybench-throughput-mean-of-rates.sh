#!/usr/bin/env bash
# tinybench 6.2.3: the throughput of a task whose calls differ in length.
#
# Each call's time is converted to a rate, and throughput.mean, the column "Throughput avg (ops/s)" of its table, is the mean
# of these rates. The mean of rates is not the rate: for a cache that is hit nine times in ten, the fast calls are counted
# as if the slow ones took no time. The margin beside it is that of the same mean, so it is narrow and does not hold the truth.
# latency.mean is right: 1000 / latency.mean is the number of calls a second.
#
# Seen: a call that takes 1 ms each tenth time and next to nothing otherwise is made 5,651 times a second, and tinybench says
# 14,302,516 ± 1.91 %. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent tinybench@6.2.3
cat >probe.mjs <<'JS'
import { Bench } from 'tinybench';

let calls = 0;
function cached() {
  calls += 1;
  if (calls % 10 !== 0) return;
  const until = performance.now() + 1;
  while (performance.now() < until);
}
const bench = new Bench({ time: 500, warmup: false }).add('a cache, missed by one call in ten', cached);
const [task] = await bench.run();
const { latency, throughput, totalTime } = task.result;
const truth = (1000 * task.runs) / totalTime;
const low = throughput.mean * (1 - throughput.rme / 100);
const round = (value) => Math.round(value).toLocaleString('en');
console.log(`tinybench 6.2.3: ${round(task.runs)} calls in ${round(totalTime)} ms, so ${round(truth)} a second`);
console.log(`  throughput.mean ${round(throughput.mean)} ± ${throughput.rme.toFixed(2)} %; 1000 / latency.mean ${round(1000 / latency.mean)}`);
const holds = low > 10 * truth && Math.abs(1000 / latency.mean / truth - 1) < 0.2;
console.log(holds ? 'holds: the mean of rates is far above the rate, and its margin does not say so' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
node probe.mjs
