#!/usr/bin/env bash
# @opentelemetry/sdk-metrics 3.1.1: an observable gauge whose callback no longer reports something.
#
# A callback that observes one value for each replica, queue or connection reports those that there are. When one is gone it
# is observed no more, and its line is expected to end. With cumulative temporality, which Prometheus needs and OTLP has by
# default, its last value is exported again and again with a new timestamp, for as long as the process lives: a replica that
# is gone uses 90 % of its CPU for weeks, sums over replicas grow with each deployment, and no alert on absence ever fires.
# With delta temporality it ends.
#
# Seen: exported three times after its source was gone, with new times. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @opentelemetry/api@1.10.0 @opentelemetry/sdk-metrics@3.1.1
cat >probe.mjs <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';

/** @returns for each export after replica a has gone: what is reported of it, and the time that is given */
async function run(temporality) {
  const exporter = new InMemoryMetricExporter(temporality);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const provider = new MeterProvider({ readers: [reader] });
  const replicas = new Map([['a', 0.9], ['b', 0.2]]);
  const gauge = provider.getMeter('probe').createObservableGauge('cpu');
  gauge.addCallback((result) => {
    for (const [replica, cpu] of replicas) result.observe(cpu, { replica });
  });
  await reader.forceFlush();
  replicas.delete('a');
  exporter.reset();
  for (let i = 0; i < 3; i++) {
    await sleep(20);
    await reader.forceFlush();
  }
  const exports = exporter.getMetrics().map(({ scopeMetrics: [{ metrics: [{ dataPoints }] }] }) => dataPoints);
  await provider.shutdown();
  return exports.map((points) => ({ replicas: points.length, point: points.find(({ attributes }) => attributes.replica === 'a') }));
}
const cumulative = await run(AggregationTemporality.CUMULATIVE);
const delta = await run(AggregationTemporality.DELTA);
const told = (all) => all.map(({ replicas, point }) => `${replicas} replicas, a ${point === undefined ? 'is not there' : `has ${point.value}`}`).join('; ');
console.log('@opentelemetry/sdk-metrics 3.1.1, a gauge for each of two replicas, of which a has gone; three exports');
console.log(`  cumulative: ${told(cumulative)}`);
console.log(`  delta: ${told(delta)}`);
const times = cumulative.map(({ point }) => (point === undefined ? null : point.endTime.join('.')));
const holds = cumulative.every(({ point }) => point?.value === 0.9) && new Set(times).size === 3 && delta.every(({ point }) => point === undefined);
console.log(holds ? 'holds: what has gone is exported for ever' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
