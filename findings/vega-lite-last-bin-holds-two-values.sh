#!/usr/bin/env bash
# vega-lite 6.4.3 with vega 6.4.0: a histogram of whole numbers.
#
# Each bin of a histogram has its lower bound and not its upper one. In vega the last bin has both, and the last bound is
# the largest value. With whole numbers, such as milliseconds, attempts or commands for each request, and bins of one, the
# two largest values share a bar: it is twice as high as it should be, is drawn at the smaller of the two, and there is no
# bar for the largest. The same happens without a `step`, when the bins that are chosen are one wide. Other packages, as
# d3-array, add a bin. An `extent` that ends one above the largest value separates them.
#
# Seen: of five values with 100 requests each, four bars with 100, 100, 100 and 200. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent vega@6.4.0 vega-lite@6.4.3 d3-array@3.2.5
cat >probe.mjs <<'JS'
import { bin } from 'd3-array';
import { parse, View } from 'vega';
import { compile } from 'vega-lite';

const EACH = 100;
const values = Array.from({ length: 5 * EACH }, (_, i) => ({ ms: 1 + (i % 5) }));
/** @returns the bars from left to right: where each begins, and how many requests it has */
async function bars(options) {
  const { spec } = compile({ data: { values }, mark: 'bar', encoding: { x: { bin: options, field: 'ms' }, y: { aggregate: 'count' } } });
  const view = await new View(parse(spec), { renderer: 'none' }).runAsync();
  // The data that the bars are drawn from.
  const rows = view.data(spec.marks[0].from.data);
  const begin = Object.keys(rows[0]).find((key) => key.startsWith('bin_') && !key.endsWith('_end') && !key.endsWith('_range'));
  view.finalize();
  return rows.map((row) => [row[begin], row.__count]).sort(([a], [b]) => a - b);
}
const byStep = await bars({ step: 1 });
const chosen = await bars({ maxbins: 5 });
const wider = await bars({ step: 1, extent: [1, 6] });
const d3 = bin().thresholds(5)(values.map(({ ms }) => ms)).map((all) => [all.x0, all.length]);
const told = (all) => all.map(([begin, count]) => `${begin}: ${count}`).join(', ');
console.log(`vega-lite 6.4.3, ${EACH} requests each of 1, 2, 3, 4 and 5 ms`);
console.log(`  step 1: ${told(byStep)}`);
console.log(`  maxbins 5: ${told(chosen)}`);
console.log(`  step 1 and extent [1, 6]: ${told(wider)}`);
console.log(`  d3-array: ${told(d3)}`);
const merged = (all) => all.length === 4 && all.at(-1)[0] === 4 && all.at(-1)[1] === 2 * EACH;
const apart = (all) => all.length === 5 && all.every(([, count]) => count === EACH);
const holds = merged(byStep) && merged(chosen) && apart(wider) && apart(d3);
console.log(holds ? 'holds: the two largest values share a bar' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
