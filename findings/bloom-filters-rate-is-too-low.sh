#!/usr/bin/env bash
# bloom-filters 3.0.4: `rate()`, which is said to be the rate of false positives.
#
# A filter of revoked tokens refuses a share of the good ones, and `rate()` is there to see how large that share has become.
# Its formula leaves out that each element sets several bits. For a filter made for one in a hundred it says one in six
# hundred, and for one in a thousand one in ten thousand: the smaller the rate, the further it is off. It goes on looking
# small when a filter holds more than it was made for, which is what one would watch it for. The filter itself keeps its
# promise.
#
# Seen for filters of 1,000 elements: made for 0.01 it says 0.0017 and has 0.0088; made for 0.001, 0.000089 and 0.0008; for
# 0.01 and twice as many elements, 0.012 and 0.15. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent bloom-filters@3.0.4
cat >probe.cjs <<'JS'
const { BloomFilter } = require('bloom-filters');

const SIZE = 1000;
const TRIES = 20_000;
/** @returns what the filter says, and the share of elements that it does not hold and takes for its own */
function look(wanted, elements) {
  const filter = BloomFilter.create(SIZE, wanted);
  for (let i = 0; i < elements; i++) filter.add(`revoked ${i}`);
  let positives = 0;
  for (let i = 0; i < TRIES; i++) if (filter.has(`good ${i}`)) positives += 1;
  return { wanted, elements, says: filter.rate(), measured: positives / TRIES };
}
const seen = [look(0.01, SIZE), look(0.001, SIZE), look(0.01, 2 * SIZE)];
console.log(`bloom-filters 3.0.4, filters made for ${SIZE} elements`);
for (const { wanted, elements, says, measured } of seen) {
  console.log(`  made for ${wanted}, ${elements} elements: rate() ${says.toPrecision(2)}, measured ${measured.toPrecision(2)}`);
}
const [percent, permille, full] = seen;
const keeps = percent.measured < 0.015 && permille.measured < 0.002;
const holds = keeps && percent.says < percent.measured / 4 && permille.says < permille.measured / 5 && full.says < full.measured / 4;
console.log(holds ? 'holds: rate() is several times too low' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 120 node probe.cjs
