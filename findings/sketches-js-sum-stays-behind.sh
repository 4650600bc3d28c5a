#!/usr/bin/env bash
# @datadog/sketches-js 2.1.1: a sketch that is sent to another process.
#
# `toProto` and `fromProto` carry a DDSketch, so that workers can send theirs to be merged. Quantiles and count are those of the
# sketch that was sent. Its sum, smallest and largest value are not in the message: after `fromProto` they are 0, Infinity and
# -Infinity, as in an empty sketch, and no error says so. So the mean, `sum / count`, is 0, and if received sketches are merged
# into one that the process has filled itself, its mean is divided by the number of workers, and its maximum is its own.
#
# Seen with two workers of 1,000 requests of about 10 ms, one of which took 3 s: the quantiles are right, the mean of both is
# 5.0 ms where 11.5 is right, and the maximum 11 ms. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @datadog/sketches-js@2.1.1 protobufjs@8.8.1
cat >probe.mjs <<'JS'
import { DDSketch } from '@datadog/sketches-js';

const EACH = 1000;
/** @returns a sketch of a worker's latencies, in ms */
function worker(slowest) {
  const sketch = new DDSketch({ relativeAccuracy: 0.01 });
  for (let i = 1; i < EACH; i++) sketch.accept(9 + (2 * i) / EACH);
  sketch.accept(slowest);
  return sketch;
}
const figures = (sketch) => ({ count: sketch.count, p50: sketch.getValueAtQuantile(0.5), p100: sketch.getValueAtQuantile(1), mean: sketch.sum / sketch.count, min: sketch.min, max: sketch.max });
const sent = worker(3000);
const received = DDSketch.fromProto(sent.toProto());
const [merged, local] = [worker(11), worker(11)];
merged.merge(received);
local.merge(sent);
const seen = { 'as it was sent': sent, 'as it was received': received, 'one of this process with the received': merged, 'one of this process with the sent': local };
console.log(`@datadog/sketches-js 2.1.1, sketches of ${EACH} requests`);
for (const [name, sketch] of Object.entries(seen)) {
  const { count, p50, p100, mean, min, max } = figures(sketch);
  console.log(`  ${name}: ${count} requests, p50 ${p50.toFixed(1)}, p100 ${p100.toFixed(0)}, mean ${mean.toFixed(2)}, min ${min.toFixed(1)}, max ${max.toFixed(1)} ms`);
}
const [, got, after, right] = Object.values(seen).map(figures);
const near = (a, b) => Math.abs(a / b - 1) < 0.03;
const quantiles = got.count === EACH && near(got.p50, 10) && near(got.p100, 3000) && after.count === 2 * EACH && near(after.p100, 3000);
const lost = got.mean === 0 && got.min === Infinity && got.max === -Infinity && after.mean < right.mean / 2 && near(after.max, 11) && right.max === 3000;
console.log(quantiles && lost ? 'holds: sum, minimum and maximum stay behind' : 'changed');
process.exitCode = quantiles && lost ? 0 : 1;
JS
timeout 60 node probe.mjs
