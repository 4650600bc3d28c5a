#!/usr/bin/env bash
# hdr-histogram-js 3.0.1: merging histograms whose lowest discernible value is not 1.
#
# `add` is how the results of several workers or intervals are joined, and it is exact for the counts. The maximum, though, is
# taken from the top of the highest bucket of the added histogram, and rounded up once more. If values are kept in units of 1,000,
# each merge of a merged histogram raises it by half a unit, whatever was recorded. A long run that adds up its seconds ends with
# a maximum that no request ever took, above its own 100th percentile. With a lowest discernible value of 1 it stays the same.
#
# Seen with one value of 5,000,000: 5,000,511 at first, 5,003,066 after five merges, with a p100 of 5,001,215.
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent hdr-histogram-js@3.0.1
cat >probe.cjs <<'JS'
const { build } = require('hdr-histogram-js');
function merged(lowestDiscernibleValue) {
  const empty = () => build({ lowestDiscernibleValue, highestTrackableValue: 1e9, numberOfSignificantValueDigits: 3 });
  const maxima = [];
  let sum = empty();
  sum.recordValue(5_000_000);
  maxima.push(sum.maxValue);
  for (let merges = 0; merges < 5; merges++) {
    const next = empty();
    next.add(sum);
    sum = next;
    maxima.push(sum.maxValue);
  }
  return { maxima, top: sum.getValueAtPercentile(100), count: sum.totalCount };
}
const coarse = merged(1000);
const fine = merged(1);
console.log('hdr-histogram-js 3.0.1, the maximum of one value of 5,000,000 after 0 to 5 merges');
console.log(`  lowest discernible value 1000: ${coarse.maxima.join(', ')}; p100 ${coarse.top}, count ${coarse.count}`);
console.log(`  lowest discernible value 1:    ${fine.maxima.join(', ')}; p100 ${fine.top}, count ${fine.count}`);
const rises = coarse.maxima.every((value, i) => i === 0 || value > coarse.maxima[i - 1]);
const holds = rises && coarse.maxima.at(-1) > coarse.top && new Set(fine.maxima.slice(1)).size === 1;
console.log(holds ? 'holds: each merge raises the maximum' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
node probe.cjs
