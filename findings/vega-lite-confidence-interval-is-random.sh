#!/usr/bin/env bash
# Vega-Lite 6.4.3: an error bar with the extent "ci", drawn twice from the same data.
#
# The interval comes from a bootstrap with 1,000 resamples. Its random numbers are drawn again for each view, and no property
# of a specification sets their seed. So the same file shows different bars each time that it is opened, and two builds of a
# report differ. Its data table does not hold the interval either. A program that renders the chart itself can fix this by
# passing its own generator to vega.setRandom; for a page that only embeds the chart, compute intervals beforehand.
#
# Seen with eight values: five views give five lower ends, from 3.14 to 3.22. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent vega@6.4.0 vega-lite@6.4.3
cat >probe.mjs <<'JS'
import * as vega from 'vega';
import { compile } from 'vega-lite';

const values = [3.1, 4.7, 2.2, 9.8, 3.9, 4.1, 5.5, 2.7].map((ms) => ({ arm: 'one', ms }));
const { spec } = compile({
  data: { values },
  mark: { type: 'errorbar', extent: 'ci' },
  encoding: { x: { field: 'arm', type: 'nominal' }, y: { field: 'ms', type: 'quantitative' } },
});
async function interval() {
  const view = new vega.View(vega.parse(spec), { renderer: 'none' });
  await view.runAsync();
  const [{ lower_ms, upper_ms }] = view.data('data_0');
  view.finalize();
  return `${lower_ms.toFixed(3)} to ${upper_ms.toFixed(3)}`;
}
const seen = [];
for (let view = 0; view < 5; view++) seen.push(await interval());
console.log(`Vega-Lite 6.4.3, one specification in five views: ${seen.join(', ')}`);
const seeded = [];
for (let view = 0; view < 2; view++) {
  vega.setRandom(vega.randomLCG(1));
  seeded.push(await interval());
}
console.log(`  with vega.setRandom: ${seeded.join(', ')}`);
const holds = new Set(seen).size > 1 && new Set(seeded).size === 1;
console.log(holds ? 'holds: the interval is drawn by lot' : 'changed: the same data gives the same interval');
process.exitCode = holds ? 0 : 1;
JS
node probe.mjs
