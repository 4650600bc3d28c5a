#!/usr/bin/env bash
# Node.js 26.10.0: the statistical tests of perf_hooks' histograms.
#
# ksTest, mannWhitneyTest and cliffsD compare bucket numbers, not the values that the buckets stand for. Two histograms of the
# same 500 values that differ only in `figures`, their precision, are therefore as different as possible: a Kolmogorov-Smirnov
# distance of 1, p = 6e-165, a delta of 1. And welchTest of two constants, 1000 and 2000, finds t = 0 and p = 1, cohensD 0:
# without spread, no difference is found. Percentiles and means are right.
#
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --save-exact node@26.10.0 >/dev/null 2>&1
cat >probe.cjs <<'JS'
const { createHistogram } = require('node:perf_hooks');
function histogramOf(values, figures) {
  const histogram = createHistogram({ figures });
  for (const value of values) histogram.record(value);
  return histogram;
}
const values = Array.from({ length: 500 }, (_, i) => 1000 + 7 * i);
const [fine, same, coarse] = [histogramOf(values, 3), histogramOf(values, 3), histogramOf(values, 2)];
const compare = (one, other) => ({ ks: one.ksTest(other), p: one.mannWhitneyTest(other).pValue, delta: one.cliffsD(other) });
const [alike, unlike] = [compare(fine, same), compare(fine, coarse)];
console.log(`Node.js ${process.version}, 500 values twice`);
console.log('  figures 3 and 3:', JSON.stringify(alike));
console.log('  figures 3 and 2:', JSON.stringify(unlike), `medians ${fine.percentile(50)} and ${coarse.percentile(50)}`);
const [low, high] = [1000, 2000].map((value) => histogramOf(Array(100).fill(value), 3));
const { tStatistic, pValue } = low.welchTest(high);
console.log(`  100 times 1000 against 100 times 2000: Welch t ${tStatistic}, p ${pValue}; Cohen's d ${low.cohensD(high)}`);
const holds = alike.p === 1 && unlike.ks === 1 && unlike.p < 1e-9 && Math.abs(unlike.delta) === 1 && pValue === 1;
console.log(holds ? 'holds: equal values differ, and 1000 and 2000 do not' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
./node_modules/.bin/node probe.cjs
