#!/usr/bin/env bash
# simple-statistics 7.12.1: the probability of a normal value, by cumulativeStdNormalProbability.
#
# It looks up its answer in the printed table of a textbook: four digits, steps of 0.01, and an end at 3.09. Beyond that it
# returns the last entry, 0.999, as if the curve stopped there. A two-sided p-value made from it is never below
# 0.002, whether z is 3.3, 6 or 60. With a correction for 26 comparisons or more, nothing can be found to differ at 5 %, however
# large the difference. Its own errorFunction has the whole range, and gives 2e-9 for z = 6.
#
# Seen: p = 0.002 for z of 3.3 to 6; of 40 comparisons with z = 6 Holm's correction finds none. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent simple-statistics@7.12.1
cat >probe.mjs <<'JS'
import { cumulativeStdNormalProbability, errorFunction } from 'simple-statistics';

const byTable = (z) => 2 * (1 - cumulativeStdNormalProbability(z));
const byErf = (z) => 1 - errorFunction(z / Math.SQRT2);
/** How many of `count` equal p-values Holm's method finds significant at 5 %. */
function found(p, count) {
  for (let i = 0; i < count; i++) if (p > 0.05 / (count - i)) return i;
  return count;
}
const scores = [1.96, 2.5, 3.3, 4, 5, 6];
console.log('simple-statistics 7.12.1, two-sided p-values');
for (const z of scores) console.log(`  z ${z}: by cumulativeStdNormalProbability ${byTable(z).toPrecision(3)}, by errorFunction ${byErf(z).toPrecision(3)}`);
const counts = { table: found(byTable(6), 40), erf: found(byErf(6), 40) };
console.log(`  40 comparisons with z = 6, significant after Holm's correction: ${counts.table} and ${counts.erf}`);
const floor = scores.slice(2).every((z) => Math.abs(byTable(z) - 0.002) < 1e-9);
const holds = floor && byErf(6) < 1e-8 && counts.table === 0 && counts.erf === 40;
console.log(holds ? 'holds: no p-value is below 0.002' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
node probe.mjs
