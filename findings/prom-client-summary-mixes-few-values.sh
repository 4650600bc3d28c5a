#!/usr/bin/env bash
# prom-client 15.1.3: quantiles of a Summary with few distinct values, such as sizes, counts and cached answers.
#
# A Summary keeps a t-digest, which joins neighbouring values into their mean and draws a line from one mean to the next. With
# hundreds of distinct values that is accurate. If 99 % of requests take 10 ms and 1 % take 1,000 ms, the digest has two
# points, the middle of each at the 49.5th and the 99.5th percentile, and a straight line between them: the median is 20 ms and
# the 95th percentile 911 ms, though 99 of 100 requests took 10. A thousand observations or a hundred thousand make no
# difference. For the same values with a jitter of a tenth, percentiles up to the 98th are right.
#
# Seen: p50 19.9, p95 910.9. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent prom-client@15.1.3 tdigest@0.1.3
cat >probe.mjs <<'JS'
import { Summary } from 'prom-client';

const PERCENTILES = [0.5, 0.9, 0.95, 0.98];
async function told(name, values) {
  const summary = new Summary({ name, help: name, percentiles: PERCENTILES });
  for (const value of values) summary.observe(value);
  const sorted = [...values].sort((a, b) => a - b);
  const exact = PERCENTILES.map((p) => sorted[Math.ceil(p * sorted.length) - 1]);
  const { values: samples } = await summary.get();
  return { exact, estimates: samples.slice(0, PERCENTILES.length).map(({ value }) => value) };
}
const two = (count) => Array.from({ length: count }, (_, i) => (i % 100 === 99 ? 1000 : 10));
const jitter = (i) => 0.9 + 0.2 * ((i * 0.618_033_988_7) % 1);
const few = await told('few', two(1000));
const many = await told('many', two(100_000));
const spread = await told('spread', two(100_000).map((ms, i) => ms * jitter(i)));
const rounded = (figures) => figures.map((figure) => Math.round(figure * 10) / 10).join(', ');
console.log(`prom-client 15.1.3, 99 % of values 10 and 1 % 1,000; percentiles ${PERCENTILES.map((p) => p * 100).join(', ')}`);
for (const [name, { exact, estimates }] of Object.entries({ '1,000 values': few, '100,000 values': many, '100,000 values ± 10 %': spread }))
  console.log(`  ${name}: exact ${rounded(exact)}; Summary ${rounded(estimates)}`);
const off = ({ exact, estimates }) => estimates.map((estimate, i) => estimate / exact[i]);
const holds = [few, many].every((seen) => off(seen)[0] > 1.5 && off(seen)[2] > 50) && off(spread).every((ratio) => ratio < 1.1);
console.log(holds ? 'holds: the 95th percentile of tens is beyond 500' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
node probe.mjs
