#!/usr/bin/env bash
# autocannon-compare 0.4.0, the comparison that autocannon's authors publish: what it calls significant.
#
# The spread of `requests` is that of the counts of single seconds, so a run of ten seconds is ten samples. But the number of
# samples that the test receives is the number of requests. The standard error is then too small by the square root of the
# requests per second, and any two runs of one server differ with "***" and a p-value of 0. In the same result, `throughput` of
# the same seconds is tested with the number of seconds. `aWins` uses throughput alone, so the object contradicts itself.
#
# Seen with two results of ten seconds, 10,050 and 10,000 requests a second, each second ± 200: requests p = 0 "***",
# throughput p = 0.58. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent autocannon-compare@0.4.0
cat >probe.cjs <<'JS'
const compare = require('autocannon-compare');
// The fields that it reads of two results of autocannon, 100 bytes an answer.
const result = (perSecond) => ({
  duration: 10,
  requests: { mean: perSecond, stddev: 200, total: 10 * perSecond },
  throughput: { mean: 100 * perSecond, stddev: 100 * 200 },
  latency: { mean: 5, stddev: 2 },
});
const { requests, throughput, equal } = compare(result(10_050), result(10_000));
console.log('autocannon-compare 0.4.0, ten seconds each, 10,050 ± 200 against 10,000 ± 200 requests a second');
console.log(`  requests: p ${requests.pValue} ${requests.significant}; throughput of the same seconds: p ${throughput.pValue.toFixed(2)}; equal: ${equal}`);
const holds = requests.significant === '***' && throughput.pValue > 0.5;
console.log(holds ? 'holds: every request counts as a sample of a second' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
node probe.cjs
