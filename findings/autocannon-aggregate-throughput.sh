#!/usr/bin/env bash
# autocannon 9.0.0: aggregateResult, which joins the results of several processes, reports 0 requests a second.
#
# Its documentation offers `skipAggregateResult` and `aggregateResult` for joining what several instances measured. The
# joined latencies and counts are there; requests.average and throughput.average are 0, because the per-second
# histograms that they come from are not joined.
#
# Seen with two runs of 2 s: thousands of requests in total, and 0 a second. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent autocannon@9.0.0
cat >probe.cjs <<'JS'
const { createServer } = require('node:http');
const autocannon = require('autocannon');
const server = createServer((request, response) => response.end('ok'));
server.listen(0, '127.0.0.1', async () => {
  const options = { url: `http://127.0.0.1:${server.address().port}`, connections: 4, duration: 2 };
  const parts = [];
  for (let part = 0; part < 2; part++) parts.push(await autocannon({ ...options, skipAggregateResult: true }));
  const whole = autocannon.aggregateResult(parts, options);
  server.close();
  console.log(`autocannon ${require('autocannon/package.json').version}, two runs joined`);
  console.log(`  requests: total ${whole.requests.total}, average ${whole.requests.average} a second; p50 ${whole.latency.p50} ms from ${whole.latency.totalCount}`);
  console.log(`  throughput: total ${whole.throughput.total}, average ${whole.throughput.average} bytes a second`);
  const holds = whole.requests.total > 0 && whole.requests.average === 0 && whole.throughput.average === 0;
  console.log(holds ? 'holds: requests were made, and none a second' : 'changed: the joined average is no longer 0');
  process.exitCode = holds ? 0 : 1;
});
JS
timeout 60 node probe.cjs
