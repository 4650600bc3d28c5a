#!/usr/bin/env bash
# mathjs 15.2.0: the largest, the smallest and the order of timestamps in microseconds or nanoseconds.
#
# mathjs takes two numbers for equal if they differ by less than one part in 10¹², which is meant for rounding errors. Today's
# time in microseconds is 1.8 · 10¹⁵, so two moments within 1.7 ms are the same moment, in nanoseconds as well. That does not
# hold only for equal() but for max, min, sort and median, where one expects no tolerance: the maximum is the first of such
# values, and what is sorted stays as it came. The length of a trace, max(ends) - min(starts), may be 0 for a request of 1.5 ms,
# and is off by as much for longer ones. Math.max has no such limit, and neither has an instance of one's own with a `relTol` of
# 1e-16.
#
# Seen: a trace of 1,500 µs has a length of 300, its ends stay unsorted, and their median is 600 instead of 1,150. Exits with 1
# if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent mathjs@15.2.0
cat >probe.mjs <<'JS'
import { all, create, max, median, min, sort } from 'mathjs';

const BEGIN_US = Date.UTC(2026, 0, 1) * 1000;
/** Microseconds of a request and of the steps within it, as they finished: each begins and ends within the request. */
const steps = [[0, 300], [250, 900], [850, 1400], [10, 1500]];
const [starts, ends] = [0, 1].map((i) => steps.map((step) => BEGIN_US + step[i]));
const shown = (times) => times.map((time) => time - BEGIN_US).join(', ');
const exact = create(all, { relTol: 1e-16 });
const length = { mathjs: max(ends) - min(starts), own: exact.max(ends) - exact.min(starts), Math: Math.max(...ends) - Math.min(...starts) };
const backwards = ends.toReversed();
const sorted = { mathjs: sort(backwards), Array: backwards.toSorted((a, b) => a - b) };
const medians = { mathjs: median(backwards) - BEGIN_US, exact: (900 + 1400) / 2 };
console.log(`mathjs 15.2.0, steps of a request that takes 1,500 µs, in µs since 1970`);
console.log(`  max(ends) - min(starts): ${length.mathjs} µs; with a relTol of 1e-16 ${length.own} µs; Math.max and Math.min: ${length.Math} µs`);
console.log(`  sort of ends from last to first: ${shown(sorted.mathjs)}; Array: ${shown(sorted.Array)}`);
console.log(`  median: ${medians.mathjs}; exact: ${medians.exact}`);
const holds = length.Math === 1500 && length.own === 1500 && length.mathjs < 1000 && shown(sorted.mathjs) === shown(backwards) && shown(sorted.Array) !== shown(backwards);
console.log(holds ? 'holds: moments within a millisecond are one' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
