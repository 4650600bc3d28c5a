#!/usr/bin/env bash
# statsd 0.9.0, receiving timers that hot-shots 17.1.1 sends with a sample rate of 0.1.
#
# With a sample rate the client sends one in ten, and the server is expected to make up for it in all that adds up. It does so
# for `count`, which is ten times what arrived, and not for `sum`, which is the sum of what arrived. `sum / count` is the usual
# way to a mean over several hosts or minutes, since means themselves must not be averaged: it is a tenth of the true mean, and
# total time, such as that spent in a database, is a tenth as well. Turning sampling on makes every service ten times faster.
# `mean` and the percentiles of one flush are right, and so is all without a sample rate.
#
# Seen with timers of 20 ms: mean 20, sum / count 2; without a sample rate 20 and 20. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent --omit=optional statsd@0.9.0 hot-shots@17.1.1
# statsd 0.9.0 logs with a function that Node.js 23 has removed.
echo "require('node:util').log ??= console.error;" >log.cjs
cat >backend.js <<'JS'
// Prints the timers of each flush.
exports.init = (_startup, _config, events) => {
  events.on('flush', (_time, { timer_data }) => console.log(`TIMERS ${JSON.stringify(timer_data)}`));
  return true;
};
JS
cat >probe.cjs <<'JS'
const { spawn } = require('node:child_process');
const { createSocket } = require('node:dgram');
const { once } = require('node:events');
const { writeFileSync } = require('node:fs');
const { createInterface } = require('node:readline');
const { StatsD } = require('hot-shots');

const LATENCY_MS = 20;
const NAMES = { all: 1, sampled: 0.1 };
async function free() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
async function main() {
  const [port, managed] = [await free(), await free()];
  const own = { address: '127.0.0.1' };
  writeFileSync('config.js', JSON.stringify({ ...own, port, mgmt_address: own.address, mgmt_port: managed, flushInterval: 500, backends: [`${process.cwd()}/backend.js`] }));
  const server = spawn(process.execPath, ['--require', './log.cjs', require.resolve('statsd/stats.js'), 'config.js'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const client = new StatsD({ host: own.address, port, maxBufferSize: 1000, errorHandler: () => {} });
  const totals = Object.fromEntries(Object.keys(NAMES).map((name) => [name, { count: 0, sum: 0, means: [] }]));
  const send = () => {
    for (let i = 0; i < 500; i++) for (const [name, rate] of Object.entries(NAMES)) client.timing(name, LATENCY_MS, rate);
  };
  // The server takes nothing before it listens, so timers are sent until several flushes had some of both.
  const timer = setInterval(send, 100);
  for await (const line of createInterface(server.stdout)) {
    if (!line.startsWith('TIMERS ')) continue;
    const flush = JSON.parse(line.slice('TIMERS '.length));
    for (const [name, total] of Object.entries(totals)) {
      if (!(flush[name]?.count > 0)) continue;
      total.count += flush[name].count;
      total.sum += flush[name].sum;
      total.means.push(flush[name].mean);
    }
    if (Object.values(totals).every(({ means }) => means.length >= 3)) break;
  }
  clearInterval(timer);
  client.close();
  server.kill();
  console.log(`statsd 0.9.0 and hot-shots 17.1.1, timers of ${LATENCY_MS} ms`);
  for (const [name, { count, sum, means }] of Object.entries(totals)) {
    console.log(`  sample rate ${NAMES[name]}: mean ${means[0].toFixed(1)}, count ${count.toFixed(0)}, sum ${sum}, sum / count ${(sum / count).toFixed(2)} ms`);
  }
  const near = (value, expected) => Math.abs(value / expected - 1) < 1e-6;
  const { all, sampled } = totals;
  const means = [...all.means, ...sampled.means].every((mean) => near(mean, LATENCY_MS));
  const holds = means && near(all.sum / all.count, LATENCY_MS) && near(sampled.sum / sampled.count, LATENCY_MS / 10);
  console.log(holds ? 'holds: the count is of all timers, and the sum of a tenth' : 'changed');
  process.exitCode = holds ? 0 : 1;
}
main();
JS
timeout 60 node probe.cjs
