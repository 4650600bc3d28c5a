#!/usr/bin/env bash
# prom-client 15.1.3 in a cluster, with Prometheus 2.42: a worker that ends and is replaced.
#
# AggregatorRegistry adds up the counters of the workers that are alive. When one of them ends, its part of the sum is gone, and
# the counter falls. Prometheus takes a counter that falls for one that began again at zero, so what is left of it counts as
# new. Of four workers with a thousand requests each, one is replaced while nobody sends anything, and increase() finds 3,000
# requests, of the same minute. The longer a service has been running, the higher the peak in its rate, and the ratio of errors
# is wrong for as long as the window is wide. A counter for each worker, with its number as a label, does not have the problem.
#
# Seen: scrapes of 4,000 and then 3,000, and an increase of more than 3,000 while nothing happened. Exits with 1 if that
# changes, 2 if promtool is not available.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
promtool=$(command -v promtool || true)
if [ -z "$promtool" ] && command -v apt-get >/dev/null; then
  apt-get download prometheus=2.42.0+ds-5+deb12u1 >/dev/null 2>&1 && dpkg -x prometheus_*.deb . && promtool=$folder/usr/bin/promtool
fi
[ -n "$promtool" ] || { echo 'this needs promtool on the PATH, or Debian 12 to download it from'; exit 2; }
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent prom-client@15.1.3
cat >scrape.cjs <<'JS'
const cluster = require('node:cluster');
const { once } = require('node:events');
const { writeFileSync } = require('node:fs');
const { AggregatorRegistry, Counter } = require('prom-client');

const WORKERS = 4;
const EACH = 1000;
const registry = new AggregatorRegistry();
async function main() {
  /** Starts a worker that answers a number of requests and waits. */
  const start = async (requests) => {
    const worker = cluster.fork({ REQUESTS: String(requests) });
    await once(worker, 'message');
    return worker;
  };
  const scrape = async () => Number(/^http_requests_total (\d+)$/m.exec(await registry.clusterMetrics())[1]);
  const workers = [];
  for (let i = 0; i < WORKERS; i++) workers.push(await start(EACH));
  const before = await scrape();
  workers[0].process.kill('SIGKILL');
  await once(workers[0], 'exit');
  await start(0);
  const after = await scrape();
  for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGKILL');
  console.log(`prom-client 15.1.3 and Prometheus 2.42, ${WORKERS} workers with ${EACH} requests each, then nothing but a restart of one`);
  console.log(`  scrapes: ${before}, then ${after}`);
  const file = (wanted) => `evaluation_interval: 1m
tests:
- interval: 1m
  input_series:
    - { series: 'http_requests_total', values: '${before} ${before} ${after} ${after} ${after}' }
  promql_expr_test:
    - { expr: 'increase(http_requests_total[5m]) ${wanted}', eval_time: 4m, exp_samples: [{ labels: '{}', value: 1 }] }
`;
  writeFileSync('nothing.yml', file('== bool 0'));
  writeFileSync('burst.yml', file('>= bool 3000'));
}
if (cluster.isPrimary) main();
else {
  new Counter({ name: 'http_requests_total', help: 'requests' }).inc(Number(process.env.REQUESTS));
  process.send('ready');
}
JS
timeout 60 node scrape.cjs
passes() { timeout 60 "$promtool" test rules "$1" >"$1.txt" 2>&1; }
nothing=no burst=no
passes nothing.yml && nothing=yes
passes burst.yml && burst=yes
echo "  increase over five minutes is 0: $nothing; 3,000 or more: $burst"
if [ "$nothing $burst" = 'no yes' ]; then
  echo 'holds: a restart is a burst of requests'
else
  cat nothing.yml.txt burst.yml.txt
  echo 'changed'
  exit 1
fi
