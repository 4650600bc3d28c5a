#!/usr/bin/env bash
# measured-core 2.0.0: the rates of a Meter under a steady load.
#
# `1MinuteRate`, `5MinuteRate` and `15MinuteRate` are moving averages as in load averages and in Dropwizard's Metrics, whose
# averages begin with the first rate that they see. Here they begin at zero, so a service that was started under a steady load
# of 100 requests a second reports 15 after eleven seconds, and its fifteen-minute rate is 63 after a quarter of an hour, 95
# after three quarters. After each restart or deployment the load seems to have collapsed and to recover; a load test of ten
# minutes that reads the five-minute rate at its end finds 86 % of its throughput, and a shorter one less. `mean` and
# `currentRate` are right.
#
# Seen with 100 a second: a one-minute rate of 63 after a minute, a fifteen-minute rate of 63 after fifteen. Exits with 1 if
# that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent measured-core@2.0.0
cat >probe.mjs <<'JS'
import { createRequire } from 'node:module';
import { mock } from 'node:test';

const { Meter } = createRequire(import.meta.url)('measured-core');
const RATE = 100;
// Timers and the meter's clock are those of a simulated hour.
mock.timers.enable({ apis: ['setInterval'] });
let nowMs = 0;
const meter = new Meter({ getTime: () => nowMs, keepAlive: true });
const at = {};
console.log(`measured-core 2.0.0, ${RATE} requests a second from the start on`);
for (let second = 1; second <= 45 * 60; second++) {
  for (let i = 0; i < 10; i++) meter.mark(RATE / 10);
  nowMs += 1000;
  mock.timers.tick(1000);
  if (![10, 60, 300, 600, 900, 2700].includes(second)) continue;
  at[second] = meter.toJSON();
  const { mean, '1MinuteRate': one, '5MinuteRate': five, '15MinuteRate': fifteen } = at[second];
  const rates = [one, five, fifteen].map((rate) => rate.toFixed(0)).join(', ');
  console.log(`  after ${second} s: rates of 1, 5 and 15 minutes ${rates}; mean ${mean.toFixed(0)}`);
}
meter.end();
const isPart = (rate) => rate > 0.6 * RATE && rate < 0.66 * RATE;
const part = isPart(at[60]['1MinuteRate']) && isPart(at[300]['5MinuteRate']) && isPart(at[900]['15MinuteRate']);
const holds = part && Object.values(at).every(({ mean }) => Math.abs(mean / RATE - 1) < 0.02) && at[10]['1MinuteRate'] < 0.2 * RATE;
console.log(holds ? 'holds: a steady load looks like one that grows' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
