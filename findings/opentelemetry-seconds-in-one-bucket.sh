#!/usr/bin/env bash
# @opentelemetry/sdk-metrics 3.1.1: the default buckets of a histogram in seconds.
#
# The semantic conventions name http.server.request.duration and give it the unit "s". The default boundaries, 0, 5, 10, 25 and
# so on to 10,000, are those of milliseconds, and the unit does not change them. So every request of a web server, from 1 ms to
# a second, is in the bucket that ends at 5 s, and any quantile made from it interpolates between 0 and 5 s: a median of 2.5 s.
# An `advice` on the instrument, or a view, sets buckets that fit.
#
# Seen: 1,000 durations from 1 ms to 1 s, all in one bucket. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @opentelemetry/api@1.10.0 @opentelemetry/sdk-metrics@3.1.1
cat >probe.mjs <<'JS'
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';

const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
const provider = new MeterProvider({ readers: [reader] });
const meter = provider.getMeter('probe');
const plain = meter.createHistogram('http.server.request.duration', { unit: 's' });
const explicitBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
const advised = meter.createHistogram('advised', { unit: 's', advice: { explicitBucketBoundaries } });
for (let ms = 1; ms <= 1000; ms++) for (const histogram of [plain, advised]) histogram.record(ms / 1000);
await reader.forceFlush();
const [{ metrics }] = exporter.getMetrics()[0].scopeMetrics;
/** The median as Prometheus makes it: linear within its bucket. */
function median({ buckets: { boundaries, counts }, count }) {
  let below = 0;
  for (const [i, inside] of counts.entries()) {
    if (below + inside >= count / 2) {
      const [from, to] = [boundaries[i - 1] ?? 0, boundaries[i] ?? boundaries.at(-1)];
      return from + ((count / 2 - below) / inside) * (to - from);
    }
    below += inside;
  }
}
const [one, two] = metrics.map(({ dataPoints: [{ value }] }) => ({ used: value.buckets.counts.filter((n) => n > 0).length, median: median(value) }));
await provider.shutdown();
console.log('@opentelemetry/sdk-metrics 3.1.1, 1,000 durations from 1 ms to 1 s in a histogram with the unit "s"');
console.log(`  by default: ${one.used} bucket in use, median ${one.median} s; with advice: ${two.used} in use, median ${two.median} s`);
const holds = one.used === 1 && one.median === 2.5 && two.used > 5;
console.log(holds ? 'holds: one bucket holds them all' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
node probe.mjs
