#!/usr/bin/env bash
# prom-client 15.1.3: a Summary over the last minutes, with `maxAgeSeconds` and `ageBuckets`.
#
# It misleads in two ways. When nothing was observed for the length of the window, and before the first value, there are no
# quantiles, yet it reports 0: a service that nobody reaches has a 99th percentile of 0 s, the best of the day, and any average
# over time falls with it. And until the window has passed once, the first values count several times: the buckets begin as one
# and the same digest, which receives each value once for every bucket that has not been renewed. So a start that was slow for a
# fifth of the requests counts as a third of them, and the 75th percentile is that of the slow ones.
#
# Seen: 0 after silence; 99 slow values of 494, and a 75th percentile of 2 s where the exact one is 11 ms. Exits with 1 if that
# changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent prom-client@15.1.3
cat >probe.mjs <<'JS'
import { Summary } from 'prom-client';

const start = Date.now();
const at = (seconds) => (Date.now = () => start + 1000 * seconds);
const PERCENTILES = [0.5, 0.75, 0.99];
const summary = (name) => new Summary({ name, help: name, maxAgeSeconds: 50, ageBuckets: 5, percentiles: PERCENTILES });
async function read(metric) {
  const { values } = await metric.get();
  return Object.fromEntries(PERCENTILES.map((p, i) => [`p${p * 100}`, Math.round(values[i].value * 1000) / 1000]));
}

at(0);
const quiet = summary('quiet');
const first = await read(quiet);
for (let i = 0; i < 100; i++) quiet.observe(0.2 + i / 1000);
const busy = await read(quiet);
at(120);
const silent = await read(quiet);

// Ten values a second, all different: the first ten seconds are slow, the forty after them quick.
at(0);
const started = summary('started');
const given = [];
for (let tenth = 1; tenth < 495; tenth++) {
  at(tenth / 10);
  const value = (tenth < 100 ? 2 : 0.01) * (1 + ((tenth * 0.618) % 1) / 10);
  given.push(value);
  started.observe(value);
}
const told = await read(started);
given.sort((a, b) => a - b);
const exact = Object.fromEntries(PERCENTILES.map((p) => [`p${p * 100}`, Math.round(given[Math.ceil(p * given.length) - 1] * 1000) / 1000]));
const slow = given.filter((value) => value > 1).length;
console.log('prom-client 15.1.3, a window of 50 s in five buckets');
console.log(`  before any value ${JSON.stringify(first)}, busy ${JSON.stringify(busy)}, after 120 s of silence ${JSON.stringify(silent)}`);
console.log(`  ${slow} slow values of ${given.length}, all within the window: exact ${JSON.stringify(exact)}, Summary ${JSON.stringify(told)}`);
const zero = (figures) => Object.values(figures).every((value) => value === 0);
const holds = zero(first) && zero(silent) && busy.p50 > 0.2 && exact.p75 < 0.02 && told.p75 > 1;
console.log(holds ? 'holds: silence is 0, and a slow fifth is more than a quarter' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
node probe.mjs
