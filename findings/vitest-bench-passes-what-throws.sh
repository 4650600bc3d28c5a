#!/usr/bin/env bash
# vitest 4.1.12: a benchmark whose function throws.
#
# `vitest bench` in CI is expected to fail when the measured code does. A function that throws, or whose promise is rejected,
# ends its benchmark without an error in any output: the exit code is 0, the summary says that the other one is "NaNx faster",
# and the JSON report has an entry with a name and a rank, `rme: 0` and no figure. A regression check that compares `hz` or
# `mean` of two reports compares with undefined, and no such comparison is ever true. What could not even be called once has
# passed.
#
# Seen: exit code 0, and a report without `hz`, `mean` or error for both. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent vitest@4.1.12
cat >probe.bench.js <<'JS'
import { bench, describe } from 'vitest';

const options = { time: 50, warmupTime: 0 };
describe('verify', () => {
  bench('works', () => void Math.sqrt(2), options);
  bench('throws', () => { throw new Error('the key is missing'); }, options);
  bench('rejects', async () => { throw new Error('the key is missing'); }, options);
});
JS
code=0
CI=true timeout 90 npx vitest bench --run --outputJson report.json >output.txt 2>&1 || code=$?
CODE=$code node -e '
const { readFileSync } = require("node:fs");
const output = readFileSync("output.txt", "utf8");
const { benchmarks } = JSON.parse(readFileSync("report.json", "utf8")).files[0].groups[0];
console.log(`vitest 4.1.12 bench: exit code ${process.env.CODE}`);
for (const { name, hz, mean, rank, rme, error } of benchmarks) {
  console.log(`  ${name}: hz ${hz?.toFixed(0)}, mean ${mean?.toFixed(6)}, rank ${rank}, rme ${rme.toFixed(0)}, error ${error}`);
}
const isSaid = output.includes("the key is missing");
console.log(`  its message is in the output: ${isSaid ? "yes" : "no"}`);
const [works, ...broken] = benchmarks;
const isEmpty = ({ hz, mean, error }) => hz === undefined && mean === undefined && error === undefined;
const holds = process.env.CODE === "0" && !isSaid && works.hz > 0 && broken.length === 2 && broken.every(isEmpty);
console.log(holds ? "holds: what throws has passed" : "changed");
process.exitCode = holds ? 0 : 1;
'
