#!/usr/bin/env bash
# artillery 2.0.34: http.response_time of a server whose body comes later than its headers.
#
# One reads it as the time until a response was there. It ends when the headers arrive. A page that is streamed, a large answer,
# a proxy that sends headers at once: all that takes time after them is in no percentile. A body that takes a second gives a p99
# of a few milliseconds, the `timeout` setting does not apply to it either, and the time shows only in the length of the
# session, where think times are counted too. Most other generators end at the last byte, so two tools disagree.
#
# Seen with a body after 1,000 ms: p50 4 ms, max 19 ms; autocannon says 1,006. Takes a minute or more to install. Exits with 1
# if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export ARTILLERY_DISABLE_TELEMETRY=true CI=true
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts artillery@2.0.34 autocannon@9.0.0
cat >probe.mjs <<'JS'
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import autocannon from 'autocannon';

const BODY_MS = 1000;
const server = createServer((_, response) => {
  response.setHeader('content-length', 2);
  response.flushHeaders();
  setTimeout(() => response.end('ok'), BODY_MS);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${server.address().port}`;
const script = { config: { target: url, phases: [{ duration: 4, arrivalRate: 5 }] }, scenarios: [{ flow: [{ get: { url: '/' } }] }] };
writeFileSync('script.json', JSON.stringify(script));
const child = spawn('node_modules/.bin/artillery', ['run', '--quiet', '--output', 'report.json', 'script.json'], { stdio: 'ignore', timeout: 120_000 });
await once(child, 'exit');
const { counters, summaries } = JSON.parse(readFileSync('report.json', 'utf8')).aggregate;
const { latency } = await autocannon({ url, connections: 2, duration: 4 });
server.close();
server.closeAllConnections();
const time = summaries['http.response_time'];
const session = summaries['vusers.session_length'];
console.log(`artillery 2.0.34, a server whose body comes ${BODY_MS} ms after its headers`);
console.log(`  ${counters['http.responses']} responses: http.response_time p50 ${time.p50}, p99 ${time.p99}, max ${time.max} ms; vusers.session_length min ${session?.min} ms`);
console.log(`  autocannon 9.0.0: p50 ${latency.p50} ms`);
const holds = counters['http.responses'] === 20 && time.max < BODY_MS / 2 && latency.p50 >= BODY_MS * 0.99;
console.log(holds ? 'holds: the body is in no percentile' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 180 node probe.mjs
