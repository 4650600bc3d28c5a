#!/usr/bin/env bash
# ml-levenberg-marquardt 5.1.0: fitting a law whose parameters differ in size, such as the universal scalability law.
#
# The law has a rate of thousands and two small parameters, contention and crosstalk, of which the second is often below 0.001.
# Derivatives are taken by a step, `gradientDifference`, of 0.1 for every parameter whatever its size: a hundred times the
# crosstalk itself. The direction is then wrong, and the fit stays where it began. It neither throws nor says whether it has
# converged: it returns parameters, an error and the number of iterations. Even for exact points of the law, the peak that
# follows from them is at another concurrency. With a step for each parameter, the same call finds them.
#
# Seen: after 1,000 iterations the parameters it began with, and a peak at 30 where it is at 44; with steps of 1, 1e-4 and 1e-6
# the truth after seven. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent ml-levenberg-marquardt@5.1.0
cat >probe.mjs <<'JS'
import { levenbergMarquardt } from 'ml-levenberg-marquardt';

const law = ([rate, contention, crosstalk]) => (n) => (rate * n) / (1 + contention * (n - 1) + crosstalk * n * (n - 1));
const truth = [1000, 0.05, 0.0005];
const x = [1, 2, 4, 8, 16, 32, 48, 64];
const data = { x, y: x.map(law(truth)) };
const initialValues = [900, 0.1, 0.001];
const options = { initialValues, minValues: [0, 0, 0], maxValues: [1e6, 1, 1], maxIterations: 1000 };
const peak = ([, contention, crosstalk]) => Math.sqrt((1 - contention) / crosstalk);
const fits = {
  'as it comes': levenbergMarquardt(data, law, options),
  'a step for each parameter': levenbergMarquardt(data, law, { ...options, gradientDifference: [1, 1e-4, 1e-6] }),
};
const shown = (values) => values.map((value) => Number(value.toPrecision(4))).join(', ');
console.log('ml-levenberg-marquardt 5.1.0, exact points of the universal scalability law');
console.log(`  truth: ${shown(truth)}; peak at ${peak(truth).toFixed(0)}; begun at ${shown(initialValues)}`);
for (const [name, { parameterValues, parameterError, iterations }] of Object.entries(fits))
  console.log(`  ${name}: ${shown(parameterValues)}; peak at ${peak(parameterValues).toFixed(0)}; error ${parameterError.toPrecision(3)}, ${iterations} iterations`);
const off = (values) => Math.abs(peak(values) / peak(truth) - 1);
const [usual, stepped] = Object.values(fits).map(({ parameterValues }) => off(parameterValues));
const holds = !(usual < 0.1) && stepped < 0.01;
console.log(holds ? 'holds: the fit of exact points misses the peak' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
