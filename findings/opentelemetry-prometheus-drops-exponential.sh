#!/usr/bin/env bash
# @opentelemetry/exporter-prometheus 0.223.0: an exponential histogram.
#
# A view turns a histogram into an exponential one, which finds its own buckets, and the SDK counts it. The exporter for
# Prometheus, which is asked for all metrics, writes its HELP and a TYPE of "untyped", and not one sample: neither buckets nor
# sum nor count. The collection reports no error; one line goes to the diagnostic logger at each scrape, and there is no such
# logger unless a program sets one. The dashboard lacks data for that metric alone, and an alert on it never fires.
#
# Seen: 100 values, not one line for them; a plain histogram beside it is complete. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @opentelemetry/api@1.10.0 @opentelemetry/sdk-metrics@3.1.1 @opentelemetry/exporter-prometheus@0.223.0
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { AggregationType, MeterProvider } from '@opentelemetry/sdk-metrics';

const complaints = [];
const note = (...words) => complaints.push(words.join(' '));
const silent = () => {};
diag.setLogger({ error: note, warn: note, info: silent, debug: silent, verbose: silent }, DiagLogLevel.ALL);
const exporter = new PrometheusExporter({ preventServerStart: true });
const views = [{ instrumentName: 'exponential', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }];
const provider = new MeterProvider({ readers: [exporter], views });
const meter = provider.getMeter('probe');
const histograms = ['exponential', 'plain'].map((name) => meter.createHistogram(name));
for (let ms = 1; ms <= 100; ms++) for (const histogram of histograms) histogram.record(ms);

const { resourceMetrics, errors } = await exporter.collect();
const counted = Object.fromEntries(resourceMetrics.scopeMetrics[0].metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints[0].value.count]));
const server = createServer((request, response) => exporter.getMetricsRequestHandler(request, response)).listen(0, '127.0.0.1');
await once(server, 'listening');
const text = await (await fetch(`http://127.0.0.1:${server.address().port}/metrics`)).text();
server.close();
server.closeAllConnections();
const lines = (name) => text.split('\n').filter((line) => new RegExp(`^${name}[_{ ]`).test(line)).length;
console.log('@opentelemetry/exporter-prometheus 0.223.0, 100 values in each of two histograms');
console.log(`  counted by the SDK: ${JSON.stringify(counted)}; errors of the collection: ${errors.length}`);
console.log(`  samples in the text: exponential ${lines('exponential')}, plain ${lines('plain')}`);
console.log(text.split('\n').filter((line) => line.includes('exponential')).map((line) => `    ${line}`).join('\n'));
console.log(`  told to a logger, if there is one: ${complaints.join('; ')}`);
const holds = counted.exponential === 100 && errors.length === 0 && lines('exponential') === 0 && lines('plain') > 3;
console.log(holds ? 'holds: not one sample of it' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
