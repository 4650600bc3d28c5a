#!/usr/bin/env bash
# Vega-Lite 6.4.3: a bar chart on a logarithmic scale.
#
# A bar begins at zero, which a logarithmic scale does not have, so every bar is drawn with a height of zero: the chart has
# axes and labels and no bars. One warning about the domain is printed where it is easily missed. It goes away once a domain
# without zero is given, but the bars do not come back. `zero: false`, the usual fix, is dropped "as it does not work with log
# scale". A second value to begin at (`y2` with a datum) draws them; points need nothing.
#
# Seen with 0.02, 2 and 2,000: three bars of height 0 with and without a domain, points in the right places.
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent vega@6.4.0 vega-lite@6.4.3
cat >probe.mjs <<'JS'
import * as vega from 'vega';
import { compile } from 'vega-lite';

const values = Object.entries({ a: 0.02, b: 2, c: 2000 }).map(([arm, ms]) => ({ arm, ms }));
async function look(mark, scale, more = {}) {
  const warnings = [];
  const silent = () => logger;
  const warn = (...words) => (warnings.push(words.join(' ')), logger);
  const logger = { warn, error: warn, info: silent, debug: silent, level: silent };
  const y = { field: 'ms', type: 'quantitative', scale };
  const encoding = { x: { field: 'arm', type: 'nominal' }, y, ...more };
  const { spec } = compile({ data: { values }, mark, encoding }, { logger });
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logger });
  const svg = await view.toSVG();
  const heights = [...svg.matchAll(/<path aria-label="arm[^>]* d="M[^v]*v([-\d.e]+)/g)].map(([, height]) => Math.abs(Number(height)));
  const places = new Set([...svg.matchAll(/<path aria-label="arm[^>]*transform="([^"]+)"/g)].map(([, place]) => place));
  view.finalize();
  return { heights, places: places.size, warnings };
}
const domain = [0.01, 10_000];
const plain = await look('bar', { type: 'log' });
const bounded = await look('bar', { type: 'log', domain });
const unzeroed = await look('bar', { type: 'log', zero: false });
const based = await look('bar', { type: 'log', domain }, { y2: { datum: 0.01 } });
const points = await look('point', { type: 'log' });
const tell = (name, { heights, warnings }) => console.log(`  ${name}: heights ${heights.map(Math.round).join(', ')}; warnings: ${warnings.join(' | ') || 'none'}`);
console.log('Vega-Lite 6.4.3, bars of 0.02, 2 and 2,000 on a logarithmic scale');
tell('as it comes', plain);
tell('zero: false', unzeroed);
tell('with a domain above zero', bounded);
tell('with y2', based);
const empty = [plain, bounded, unzeroed].every(({ heights }) => heights.length === 3 && heights.every((height) => height === 0));
const holds = empty && based.heights.every((height) => height > 1) && points.places === 3;
console.log(holds ? 'holds: three bars of no height' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
node probe.mjs
