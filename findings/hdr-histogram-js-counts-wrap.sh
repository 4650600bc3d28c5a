#!/usr/bin/env bash
# hdr-histogram-js 3.0.1: `bitBucketSize` of 8 or 16, and a value that occurs often.
#
# The option chooses how many bits each count has, and a small one saves memory where many histograms are kept, one for each
# second or each route. The histograms of Java, which it is ported from, refuse a count that does not fit. Here it starts again
# at zero: with 16 bits, the 65,536th request of the same bucket makes all of them disappear, while the total goes on counting.
# So the lower percentiles are those of the next value, and the upper ones, for which the counts do not suffice, are 0. Short
# runs are right; it takes one that lasts longer than a few seconds of a busy server. With 32 bits, the default, it takes four
# thousand million.
#
# Seen with 16 bits, 70,000 requests of 10 ms and 60,000 of 20: p45 20 ms, p99 0 ms, where 10 and 20 are right. Exits with 1 if
# that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent hdr-histogram-js@3.0.1
cat >probe.mjs <<'JS'
import { build } from 'hdr-histogram-js';

const [QUICK, USUAL, SLOW] = [70_000, 60_000, 100];
const wrongs = [];
console.log(`hdr-histogram-js 3.0.1, ${QUICK} requests of 10 ms, ${USUAL} of 20 and ${SLOW} of 1 to 11 s`);
for (const bitBucketSize of [8, 16, 32, 64, 'packed']) {
  const histogram = build({ bitBucketSize, highestTrackableValue: 60_000, numberOfSignificantValueDigits: 3 });
  let refused = 0;
  const record = (value) => {
    try {
      histogram.recordValue(value);
    } catch {
      refused += 1;
    }
  };
  for (let i = 0; i < QUICK; i++) record(10);
  for (let i = 0; i < USUAL; i++) record(20);
  for (let i = 1; i <= SLOW; i++) record(i * 100 + 900);
  const [p25, p45, p99] = [25, 45, 99].map((percentile) => histogram.getValueAtPercentile(percentile));
  console.log(`  ${bitBucketSize}: p25 ${p25} ms, p45 ${p45} ms, p99 ${p99} ms, total count ${histogram.totalCount}, refused ${refused}`);
  wrongs.push([bitBucketSize, refused === 0 && histogram.totalCount === QUICK + USUAL + SLOW && p45 !== 10]);
}
const holds = wrongs.every(([bits, wrong]) => wrong === [8, 16].includes(bits));
console.log(holds ? 'holds: the counts begin again at zero' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
