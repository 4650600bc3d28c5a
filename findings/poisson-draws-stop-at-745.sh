#!/usr/bin/env bash
# randgen 0.1.0 and prob.js 1.0.6: how many requests arrive in a second, as a Poisson number with a mean of 1,000.
#
# An open load at random draws the number of arrivals of each second, and its mean is expected to be the rate asked for. Both
# packages multiply random numbers until the product is below e^-λ. A double has no e^-λ for a λ above 745: it is zero, and the
# product reaches zero after some 745 factors whatever λ is. So at a rate of 700 the load is right, and at 1,000, 5,000 or
# 100,000 it is one and the same, 745 a second: a service that is tested with five times its load seems to take it. d3-random
# draws the numbers right.
#
# Seen with 2,000 draws: means of 700 for λ = 700, and of 745 for 1,000, 5,000 and 100,000. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent randgen@0.1.0 prob.js@1.0.6 d3-random@3.0.1
cat >probe.mjs <<'JS'
import { randomPoisson } from 'd3-random';
import Prob from 'prob.js';
import randgen from 'randgen';

const DRAWS = 2000;
const RATES = [700, 1000, 5000, 100_000];
const packages = {
  'randgen 0.1.0': (rate) => () => randgen.rpoisson(rate),
  'prob.js 1.0.6': (rate) => Prob.poisson(rate),
  'd3-random 3.0.1': (rate) => randomPoisson(rate),
};
const mean = (draw) => {
  let sum = 0;
  for (let i = 0; i < DRAWS; i++) sum += draw();
  return sum / DRAWS;
};
const means = Object.values(packages).map((of) => RATES.map((rate) => mean(of(rate))));
console.log(`means of ${DRAWS} Poisson numbers for ${RATES.join(', ')}`);
for (const [i, name] of Object.keys(packages).entries()) console.log(`  ${name}: ${means[i].map((value) => value.toFixed(1)).join(', ')}`);
const near = (value, expected) => Math.abs(value / expected - 1) < 0.01;
const stops = ([first, ...others]) => near(first, 700) && others.every((value) => near(value, 745));
const holds = stops(means[0]) && stops(means[1]) && means[2].every((value, i) => near(value, RATES[i]));
console.log(holds ? 'holds: no rate is above 745' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 120 node probe.mjs
