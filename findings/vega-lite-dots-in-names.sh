#!/usr/bin/env bash
# Vega-Lite 6.4.3: a column whose name is a percentile, such as "p99.9".
#
# A dot in `field`, and in a transform, leads into an object: "p99.9" is property 9 of p99. Rows of load tests have such
# columns, and none has an object there. So the value is undefined, which is drawn as if it were not there: of four bars three
# remain, and nothing is said. Where there is no column p99 beside it, it is the same. The highest percentile is the one that
# disappears, and the chart looks as if the tail ended at the 99th. `p99\\.9` in JSON is the column itself, in `field` and in
# `fold` alike.
#
# Seen with 10, 20, 40 and 900 ms: three bars and an axis that ends at 40, no warning. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent vega@6.4.0 vega-lite@6.4.3
cat >probe.mjs <<'JS'
import * as vega from 'vega';
import * as vegaLite from 'vega-lite';

const values = [{ arm: 'session', p50: 10, p90: 20, p99: 40, 'p99.9': 900 }];
/** Heights of the bars, and what was said while they were drawn. */
async function look(columns) {
  const said = [];
  const note = (...words) => (said.push(words.join(' ')), logger);
  const logger = { level: () => logger, error: note, warn: note, info: () => logger, debug: () => logger };
  const spec = {
    data: { values },
    transform: [{ fold: columns, as: ['percentile', 'ms'] }],
    mark: 'bar',
    height: 200,
    encoding: { x: { field: 'percentile', type: 'nominal' }, y: { field: 'ms', type: 'quantitative' } },
  };
  const view = new vega.View(vega.parse(vegaLite.compile(spec, { logger }).spec), { renderer: 'none', logger });
  await view.runAsync();
  const bars = [];
  const visit = (item) => {
    if (item.marktype === 'rect' && item.name === 'marks') bars.push(...item.items);
    for (const child of item.items ?? []) visit(child);
  };
  visit(view.scenegraph().root);
  const top = view.scale('y').domain().at(-1);
  return { heights: bars.map(({ height }) => Math.round(height)), top, said };
}
const plain = await look(['p50', 'p90', 'p99', 'p99.9']);
const escaped = await look(['p50', 'p90', 'p99', 'p99\\.9']);
console.log('vega-lite 6.4.3, four percentiles of 10, 20, 40 and 900 ms');
for (const [name, { heights, top, said }] of Object.entries({ 'p99.9': plain, 'p99\\.9': escaped }))
  console.log(`  ${name}: bars of ${heights.join(', ')} px, the axis ends at ${top}; said: ${said.join('; ') || 'nothing'}`);
const tail = plain.heights[3] ?? 0;
const holds = tail === 0 && plain.top < 100 && plain.said.length === 0 && escaped.heights[3] > 100 && escaped.top >= 900;
console.log(holds ? 'holds: the tail is missing' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
