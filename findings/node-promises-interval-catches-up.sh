#!/usr/bin/env bash
# `for await (… of setInterval(ms))` of node:timers/promises: after a turn of the loop that took long.
#
# A loop that polls every 100 ms is expected to wait about 100 ms between polls. The interval goes on counting while a poll
# is awaited, and what it has counted is handed out at once afterwards. If one poll of a slow server takes a second, the
# next nine come within a millisecond of one another: a sampler takes ten samples of one moment, rates computed per turn are
# ten times too low or infinite, and a poller hits a server that was slow with a burst. The callback form cannot do this,
# and nor can a loop with a pause at its end.
#
# Seen with Node.js 26.10.0: nine polls within 2 ms after one of a second. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >probe.mjs <<'JS'
import { setInterval as every, setTimeout as sleep } from 'node:timers/promises';

const EVERY_MS = 100;
const SLOW = 3;
const gaps = [];
let ended = performance.now();
let polls = 0;
for await (const _ of every(EVERY_MS)) {
  gaps.push(performance.now() - ended);
  polls += 1;
  if (polls === 16) break;
  // Each poll is quick, but for one.
  await sleep(polls === SLOW ? 1050 : 1);
  ended = performance.now();
}
console.log(`Node.js ${process.versions.node}, polls every ${EVERY_MS} ms, of which one took a second`);
console.log(`  waits before each poll: ${gaps.map((ms) => ms.toFixed(0)).join(', ')} ms`);
const burst = gaps.slice(SLOW, SLOW + 9);
const holds = Math.max(...burst) < EVERY_MS / 4 && gaps[1] > EVERY_MS / 2 && gaps.at(-1) > EVERY_MS / 2;
console.log(holds ? 'holds: the polls that were missed come all at once' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 30 node probe.mjs
