#!/usr/bin/env bash
# @observablehq/plot 0.6.17: a line of requests per second, over an outage.
#
# `Plot.lineY(requests, Plot.binX({ y: 'count' }, …))` counts the requests of each second, so a second without any is expected
# to be drawn at zero. Bins that are empty are left out, and the line goes straight from the last second before the outage to
# the first one after it. Twenty seconds without an answer look like twenty seconds at full rate: the chart hides what it is
# made for. With bars the gap would show. `filter: null` among the outputs keeps the empty bins.
#
# Seen with 10 requests a second and none from second 20 to 40: 40 points, all of them at 10; with `filter: null` 60 points, 20
# of them at 0. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @observablehq/plot@0.6.17 jsdom@31.0.1
cat >probe.mjs <<'JS'
import * as Plot from '@observablehq/plot';
import { JSDOM } from 'jsdom';

const { document } = new JSDOM('').window;
const RATE = 10;
const requests = [];
for (let second = 0; second < 60; second++) {
  if (second >= 20 && second < 40) continue;
  for (let i = 0; i < RATE; i++) requests.push({ at: second + (i + 0.5) / RATE });
}
/** @returns the points of the line as they are drawn: seconds and requests */
function drawn(outputs) {
  const line = Plot.lineY(requests, Plot.binX({ y: 'count', ...outputs }, { x: 'at', interval: 1 }));
  const chart = Plot.plot({ document, x: { domain: [0, 60] }, y: { domain: [0, RATE] }, marks: [line] });
  const [x, y] = ['x', 'y'].map((name) => chart.scale(name));
  const path = chart.querySelector('[aria-label="line"] path').getAttribute('d');
  return [...path.matchAll(/([\d.]+),([\d.]+)/g)].map(([, left, top]) => [x.invert(Number(left)), Math.round(y.invert(Number(top)))]);
}
const seen = { 'as it is': drawn({}), 'with filter: null': drawn({ filter: null }) };
console.log(`@observablehq/plot 0.6.17, ${RATE} requests a second, and none from second 20 to 40`);
for (const [name, points] of Object.entries(seen)) {
  const longest = Math.max(...points.slice(1).map(([x], i) => x - points[i][0]));
  console.log(`  ${name}: ${points.length} points, lowest ${Math.min(...points.map(([, y]) => y))}, at most ${longest.toFixed(1)} s from one to the next`);
}
const [plain, kept] = Object.values(seen);
const at = (points, value) => points.filter(([, y]) => y === value).length;
const holds = plain.length === 40 && at(plain, RATE) === 40 && kept.length === 60 && at(kept, RATE) === 40 && at(kept, 0) === 20;
console.log(holds ? 'holds: the line stays at full rate through the outage' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
