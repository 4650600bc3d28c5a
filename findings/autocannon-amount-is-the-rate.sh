#!/usr/bin/env bash
# autocannon 9.0.0: the requests per second of a run with `amount`.
#
# `-a 1000` sends a thousand requests, and their rate is expected to be a thousand divided by the time that they took. Requests
# are counted once a second, and the run lasts until the next count. If it took less than a second there is one count, and
# `requests.average`, the "Req/Sec" of the table, is the amount, whatever the server does: a server ten times as fast has the same
# rate, and a larger amount makes every server faster. In longer runs the rest of the last second counts as a whole one. The
# duration is rounded up in the same way, so "1k requests in 1.01s" seems to confirm it. Latencies are right.
#
# Seen: 100 requests in 434 ms and in 99 ms, both 100 a second; 1,000 in 1.8 s, 500 a second instead of 570. Exits with 1 if
# that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent autocannon@9.0.0
cat >probe.cjs <<'JS'
const { once } = require('node:events');
const { createServer } = require('node:http');
const autocannon = require('autocannon');

/** Sends an amount of requests, over ten connections, to a server that waits before each answer. */
async function look(amount, waitMs) {
  let from = null;
  let until = 0;
  const server = createServer((request, response) => {
    from ??= performance.now();
    setTimeout(() => response.end('ada'), waitMs);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const run = autocannon({ url: `http://127.0.0.1:${server.address().port}`, connections: 10, amount });
  run.on('response', () => {
    until = performance.now();
  });
  const { requests, duration, samples } = await run;
  server.close();
  return { amount, waitMs, average: requests.average, duration, samples, tookMs: until - from, rate: (amount / (until - from)) * 1000 };
}
async function main() {
  await look(100, 0);
  const rows = [await look(100, 40), await look(100, 2), await look(200, 2), await look(1000, 15)];
  console.log('autocannon 9.0.0 against a server that waits before it answers');
  for (const { amount, waitMs, average, duration, tookMs, rate } of rows) {
    console.log(`  ${amount} requests, ${waitMs} ms each: ${average} a second in ${duration} s; they took ${tookMs.toFixed(0)} ms, which is ${rate.toFixed(0)} a second`);
  }
  const perCount = rows.every(({ amount, average, samples }) => Math.abs(average * samples - amount) <= amount / 50);
  // Both took well under a second, so that their rates are not the amount.
  const same = rows.slice(0, 2).every(({ amount, average, samples, rate }) => samples === 1 && average === amount && rate > 1.5 * amount);
  console.log(perCount && same ? 'holds: the rate is the amount' : 'changed');
  process.exit(perCount && same ? 0 : 1);
}
main();
JS
timeout 60 node probe.cjs
