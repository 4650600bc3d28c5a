#!/usr/bin/env bash
# Node.js 26.10.0: values above a histogram's `highest`.
#
# createHistogram({ highest }) bounds its memory. A value above it is not an error, and not counted at the top either: record()
# leaves it out of count, mean, percentiles and maximum, so the slowest requests are the ones that are missing. `exceeds` says
# how many, if one reads it. add(), which joins the histograms of workers, does not count them even there: the sum of 100 values
# is one of 95 with exceeds 0, and its 99th percentile is that of the quick ones.
#
# Seen: 95 values of 10 ms and 5 of 3 s, highest 1 s: count 95, p99 10 ms; by add(), exceeds 0. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --save-exact node@26.10.0 >/dev/null 2>&1
cat >probe.mjs <<'JS'
import { createHistogram } from 'node:perf_hooks';

const MS = 1e6;
const fill = (histogram) => {
  for (let i = 0; i < 95; i++) histogram.record(10 * MS);
  for (let i = 0; i < 5; i++) histogram.record(3000 * MS);
  return histogram;
};
const tell = ({ count, exceeds, max, mean }, p99) => ({ count, exceeds, p99Ms: Math.round(p99 / MS), maxMs: Math.round(max / MS), meanMs: Math.round(mean / MS) });
const look = (histogram) => tell(histogram, histogram.percentile(99));
const wide = fill(createHistogram());
const narrow = fill(createHistogram({ highest: 1000 * MS }));
const joined = createHistogram({ highest: 1000 * MS });
joined.add(wide);
const [whole, recorded, added] = [wide, narrow, joined].map(look);
console.log(`Node.js ${process.version}, 95 values of 10 ms and 5 of 3 s`);
console.log('  without highest:          ', JSON.stringify(whole));
console.log('  recorded, highest 1 s:    ', JSON.stringify(recorded));
console.log('  joined by add(), the same:', JSON.stringify(added));
const loses = ({ count, maxMs, p99Ms }) => count === 95 && maxMs === 10 && p99Ms === 10;
const holds = whole.count === 100 && whole.p99Ms > 2900 && loses(recorded) && recorded.exceeds === 5 && loses(added) && added.exceeds === 0;
console.log(holds ? 'holds: the slowest are not in it, and add() does not tell' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
./node_modules/.bin/node probe.mjs
