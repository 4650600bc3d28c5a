#!/usr/bin/env bash
# ml-regression-simple-linear 3.0.1 and regression 2.0.1: a straight line through values over Date.now().
#
# The slope of memory or of latency over time tells whether a server leaks or gets slower, and the times at hand are those of
# Date.now(). Both libraries compute the slope from sums of x² and xy. A time in milliseconds since 1970 has 13 digits, its
# square 25, and a number holds 16: what is left after the subtraction is noise. A minute of samples on a perfect line has half
# its slope, and six seconds of them slope the other way. Nothing is NaN, no error is raised, and a steady leak is reported as
# slower than it is, or as a gain. The same values over the time since the first sample have the right slope. simple-statistics
# 7.12.1 has it in both cases.
#
# Seen with a line of 2 MB a second: 0.98 for a minute of samples, -0.0098 for six seconds, 2.00 for an hour. Exits with 1 if
# that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent simple-statistics@7.12.1 ml-regression-simple-linear@3.0.1 regression@2.0.1
cat >probe.mjs <<'JS'
import { SimpleLinearRegression } from 'ml-regression-simple-linear';
import regression from 'regression';
import { linearRegression } from 'simple-statistics';

const BEGIN = Date.UTC(2026, 0, 1, 12, 34, 56, 789);
const MB_PER_S = 2;
const libraries = {
  'simple-statistics 7.12.1': (points) => linearRegression(points).m,
  'ml-regression-simple-linear 3.0.1': (points) => new SimpleLinearRegression(points.map(([x]) => x), points.map(([, y]) => y)).slope,
  'regression 2.0.1': (points) => regression.linear(points, { precision: 12 }).equation[0],
};
const spans = { '6 s, ten samples a second': [60, 100], 'a minute, one a second': [60, 1000], 'an hour, one a minute': [60, 60_000] };
console.log(`memory that grows by ${MB_PER_S} MB a second, on a perfect line; slopes in MB a second`);
const off = {};
for (const [span, [count, stepMs]] of Object.entries(spans)) {
  const points = Array.from({ length: count }, (_, i) => [BEGIN + i * stepMs, 100 + (MB_PER_S * i * stepMs) / 1000]);
  const since = points.map(([x, y]) => [x - BEGIN, y]);
  console.log(`  ${span}`);
  for (const [name, slope] of Object.entries(libraries)) {
    const [clock, own] = [points, since].map((each) => slope(each) * 1000);
    console.log(`    ${name}: over Date.now() ${clock.toPrecision(3)}, over the time since the first sample ${own.toPrecision(3)}`);
    (off[span] ??= []).push({ clock: Math.abs(clock / MB_PER_S - 1), own: Math.abs(own / MB_PER_S - 1) });
  }
}
const all = Object.values(off).flat();
const [short, minute] = Object.values(off);
const holds = all.every(({ own }) => own < 0.001) && [short, minute].every(([exact, ml, other]) => exact.clock < 0.01 && ml.clock > 0.1 && other.clock > 0.1);
console.log(holds ? 'holds: the slope is lost' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
