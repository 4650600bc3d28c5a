#!/usr/bin/env bash
# @opentelemetry/sdk-metrics 3.1.1: a counter with a line for each of more than 2,000 tenants.
#
# There is a limit of 2,000 sets of attributes for a metric, and what is above it is counted in one line without attributes.
# One expects that the first 2,000 tenants have a line that is right, and the others none. The limit is applied anew between
# two exports: whoever comes first in each interval is counted under its name, and the others are not, also those that have
# a line already. So the counter of a tenant stands still in one interval and goes on in the next while its requests never
# change, its rate is 0 at random, and counts of a tenant, or of its errors, are too low by an unknown share. The sum over
# all lines is right. Nothing is printed. `aggregationCardinalityLimit` of a view raises the limit.
#
# Seen with 2,500 tenants of four requests each in two intervals: 1,000 of them are counted in one of the two. Exits with 1
# if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @opentelemetry/api@1.10.0 @opentelemetry/sdk-metrics@3.1.1
cat >probe.mjs <<'JS'
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';

const EACH = 4;
const printed = [];
for (const method of ['log', 'info', 'warn', 'error', 'debug']) {
  const print = console[method];
  console[method] = (...args) => (printed.push(args), print(...args));
}
/** Every tenant makes four requests between two exports, in another order the second time. @returns what is reported at the end */
async function run(tenants, aggregationCardinalityLimit) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const views = aggregationCardinalityLimit === undefined ? [] : [{ instrumentName: 'requests', aggregationCardinalityLimit }];
  const provider = new MeterProvider({ readers: [reader], views });
  const counter = provider.getMeter('probe').createCounter('requests');
  const names = Array.from({ length: tenants }, (_, i) => `tenant ${i}`);
  for (const order of [names, names.toReversed()]) {
    for (let i = 0; i < EACH; i++) for (const tenant of order) counter.add(1, { tenant });
    exporter.reset();
    await reader.forceFlush();
  }
  const [{ scopeMetrics: [{ metrics: [{ dataPoints }] }] }] = exporter.getMetrics();
  await provider.shutdown();
  const own = dataPoints.filter(({ attributes }) => attributes.tenant !== undefined).map(({ value }) => value);
  return {
    lines: own.length,
    whole: own.filter((value) => value === 2 * EACH).length,
    half: own.filter((value) => value === EACH).length,
    sum: dataPoints.reduce((sum, { value }) => sum + value, 0),
  };
}
const seen = { '2,500 tenants': await run(2500), '1,500 tenants': await run(1500), '2,500 tenants and a limit of 5,000': await run(2500, 5000) };
const silent = printed.length === 0;
console.log(`@opentelemetry/sdk-metrics 3.1.1, each tenant has ${EACH} requests in each of two intervals`);
for (const [name, { lines, whole, half, sum }] of Object.entries(seen)) {
  console.log(`  ${name}: ${lines} have a line, ${whole} with ${2 * EACH} and ${half} with ${EACH}; the sum of all lines is ${sum}`);
}
console.log(`  printed: ${silent ? 'nothing' : 'something'}`);
const [many, few, raised] = Object.values(seen);
const right = ({ lines, whole }, tenants) => lines === tenants && whole === tenants;
const holds = silent && many.lines > 2000 && many.half > 900 && many.sum === 2 * EACH * 2500 && right(few, 1500) && right(raised, 2500);
console.log(holds ? 'holds: counters of tenants that go on stand still' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
