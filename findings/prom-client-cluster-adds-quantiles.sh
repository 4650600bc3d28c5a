#!/usr/bin/env bash
# prom-client 15.1.3: a Summary in a cluster of worker processes.
#
# AggregatorRegistry joins the metrics of all workers into one page, since a scrape reaches only one of them. Metrics are added
# up unless they say otherwise, which is right for counts and sums. The quantiles of a Summary are added up with them, so four
# workers whose requests all take 10 ms report a median of 40 ms, and eight report 80 ms: the reported latency grows with the
# number of processes, which one increases to lower it. An `aggregator` on the metric makes it worse, since it applies to count
# and sum as well: with "average", the count is that of one worker. Histograms add up correctly.
#
# Seen: quantile 0.5 of 0.04 for values of 0.01. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent prom-client@15.1.3
cat >probe.cjs <<'JS'
const cluster = require('node:cluster');
const { AggregatorRegistry, Histogram, Summary } = require('prom-client');

const WORKERS = 4;
const registry = new AggregatorRegistry();
if (cluster.isPrimary) {
  let ready = 0;
  for (let i = 0; i < WORKERS; i++) cluster.fork();
  cluster.on('message', async (_, message) => {
    if (message !== 'ready' || ++ready < WORKERS) return;
    const text = await registry.clusterMetrics();
    for (const worker of Object.values(cluster.workers)) worker.kill();
    const read = (name) => Number(text.split('\n').find((line) => line.startsWith(`${name} `))?.split(' ')[1]);
    const figures = (name) => ({ p50: read(`${name}{quantile="0.5"}`), p99: read(`${name}{quantile="0.99"}`), count: read(`${name}_count`) });
    const [plain, averaged] = [figures('plain_seconds'), figures('averaged_seconds')];
    const within = read('histogram_seconds_bucket{le="0.025"}');
    console.log(`prom-client 15.1.3, ${WORKERS} workers with 1,000 values of 0.01 each`);
    console.log(`  Summary:                        ${JSON.stringify(plain)}`);
    console.log(`  Summary, aggregator "average":  ${JSON.stringify(averaged)}`);
    console.log(`  Histogram:                      ${within} of ${read('histogram_seconds_count')} up to 0.025`);
    const near = (figure, wanted) => Math.abs(figure - wanted) < 1e-6;
    const holds = near(plain.p50, 0.04) && near(plain.p99, 0.04) && plain.count === 4000 && averaged.count === 1000 && within === 4000;
    console.log(holds ? 'holds: the median is the sum of the workers’ medians' : 'changed');
    process.exitCode = holds ? 0 : 1;
  });
} else {
  const percentiles = [0.5, 0.99];
  const metrics = [
    new Summary({ name: 'plain_seconds', help: 'plain', percentiles }),
    new Summary({ name: 'averaged_seconds', help: 'averaged', percentiles, aggregator: 'average' }),
    new Histogram({ name: 'histogram_seconds', help: 'histogram', buckets: [0.005, 0.025, 0.1] }),
  ];
  for (const metric of metrics) for (let i = 0; i < 1000; i++) metric.observe(0.01);
  process.send('ready');
}
JS
timeout 30 node probe.cjs
