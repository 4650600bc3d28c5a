#!/usr/bin/env bash
# jstat 1.9.6: `percentile` near the upper end of the data.
#
# It interpolates between neighbours: 0.3 of 1, 2, 3 and 4 is 1.9. Between the last two values, though, it returns the
# lower one. So the median of two values is the smaller, and of a hundred latencies, one of which took a second, the
# 99.9th percentile is that of the other ninety-nine: no percentile below the 100th depends on the slowest request.
# d3-array's `quantile` has the same definition and interpolates; jstat's own `quantiles` has yet another definition,
# and gives a third figure.
#
# Seen: p50 of 10 and 1,000 is 10; p99.9 of 99 times 10 and one 1,000 is 10, where d3-array says 902.
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent jstat@1.9.6 d3-array@3.2.5
cat >probe.mjs <<'JS'
import { quantile } from 'd3-array';
import jstat from 'jstat';

const { jStat } = jstat;
const two = [10, 1000];
const hundred = [...Array(99).fill(10), 1000];
const inner = [10, 20, 30, 1000];
const figures = [
  ['p50 of 10 and 1,000               ', two, 0.5],
  ['p99 of 99 times 10 and one 1,000  ', hundred, 0.99],
  ['p99.9 of 99 times 10 and one 1,000', hundred, 0.999],
  ['p50 of 10, 20, 30 and 1,000       ', inner, 0.5],
].map(([name, values, p]) => ({ name, percentile: jStat.percentile(values, p), quantiles: jStat.quantiles(values, [p])[0], d3: quantile(values, p) }));
console.log('jstat 1.9.6 and d3-array 3.2.5');
for (const { name, percentile, quantiles, d3 } of figures)
  console.log(`  ${name}: jstat percentile ${percentile}, jstat quantiles ${quantiles.toFixed(1)}, d3-array ${d3.toFixed(1)}`);
const [median, , tail, middle] = figures;
const holds = median.percentile === 10 && median.d3 === 505 && tail.percentile === 10 && tail.d3 > 900 && middle.percentile === middle.d3;
console.log(holds ? 'holds: between the last two values it does not interpolate' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
node probe.mjs
