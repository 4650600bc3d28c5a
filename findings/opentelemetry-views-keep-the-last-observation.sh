#!/usr/bin/env bash
# @opentelemetry/sdk-metrics 3.1.1: a view that drops an attribute of an observable counter.
#
# A view drops an attribute to have fewer series: those that differed in it alone become one, which is expected to be their sum.
# For a Counter it is. The callback of an observable counter reports a total for each replica, core or pool, and here the one
# that was observed last replaces the others: the requests of three replicas are those of one. The name is right, and the figure
# grows steadily. Which replica it is depends on the order in which the callback goes through a map. When that changes, the
# figure jumps to that of another replica, and if it falls, a reader takes it for a restart. Observable up-down counters, such as
# those of connections in use, lose the others too. A callback that adds up by itself, without the attribute, avoids it.
#
# Seen with 100, 250 and 50 requests: 400 by a Counter, 50 by an observable one; in reverse order 100. Exits with 1 if that
# changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @opentelemetry/api@1.10.0 @opentelemetry/sdk-metrics@3.1.1
cat >probe.mjs <<'JS'
import { AggregationTemporality, createDenyListAttributesProcessor, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';

const REQUESTS = { a: 100, b: 250, c: 50 };
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
const views = [{ instrumentName: '*', attributesProcessors: [createDenyListAttributesProcessor(['replica'])] }];
const meter = new MeterProvider({ readers: [reader], views }).getMeter('probe');
const replicas = Object.entries(REQUESTS);
const counter = meter.createCounter('Counter');
for (const [replica, requests] of replicas) counter.add(requests, { replica });
for (const kind of ['ObservableCounter', 'ObservableUpDownCounter']) {
  meter[`create${kind}`](kind).addCallback((result) => {
    for (const [replica, requests] of replicas) result.observe(requests, { replica });
  });
}
/** @returns what each metric is at an export: the values of its series */
async function look() {
  exporter.reset();
  await reader.forceFlush();
  const [{ scopeMetrics: [{ metrics }] }] = exporter.getMetrics();
  return Object.fromEntries(metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ value }) => value)]));
}
const exports = [await look()];
for (let i = 0; i < 2; i++) {
  replicas.reverse();
  exports.push(await look());
}
const seen = Object.fromEntries(Object.keys(exports[0]).map((name) => [name, exports.map((each) => each[name].join(', ')).join('; ')]));
console.log(`@opentelemetry/sdk-metrics 3.1.1, requests of each replica ${JSON.stringify(REQUESTS)}, and a view without the replica`);
console.log('three exports, the replicas observed in order, in reverse, and in order again');
for (const [name, values] of Object.entries(seen)) console.log(`  ${name}: ${values}`);
const { Counter: added, ...observed } = seen;
const holds = added === '400; 400; 400' && Object.values(observed).every((values) => values === '50; 100; 50');
console.log(holds ? 'holds: the replica observed last stands for all' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 60 node probe.mjs
