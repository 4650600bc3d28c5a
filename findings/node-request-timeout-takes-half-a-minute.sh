#!/usr/bin/env bash
# Node.js 26.10.0: when `requestTimeout` and `headersTimeout` of a server end a request.
#
# A server with `requestTimeout: 1000` is expected to answer 408 a second after a client stopped sending. Timeouts are not
# timers of the requests: all connections are looked through every 30 s, and what is too old then is ended. So a stalled
# upload holds its connection, and what the application keeps for it, for up to half a minute whatever the setting, and a test
# with a limit of one second that waits for two finds that there is no limit. `connectionsCheckingInterval` sets how often the
# server looks.
#
# Seen with a limit of a second: nothing after 5 s, and 408 within 2 s if it looks every 200 ms. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';

const LIMIT_MS = 1000;
const WATCH_MS = 5000;
/** Sends a part of a request. @returns the status line that came, and after how many ms, or that none came while it was watched */
async function stalled(part, options) {
  const server = createServer({ requestTimeout: LIMIT_MS, headersTimeout: LIMIT_MS, ...options }, (request, response) => {
    request.resume().on('end', () => response.end('ok'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const began = performance.now();
  const socket = connect(server.address().port, '127.0.0.1', () => socket.write(part));
  const answer = await new Promise((resolve) => {
    socket.on('error', () => {});
    socket.once('data', (data) => resolve({ line: String(data).split('\r\n')[0], ms: performance.now() - began }));
    setTimeout(() => resolve({ line: 'nothing', ms: performance.now() - began }), WATCH_MS);
  });
  socket.destroy();
  server.closeAllConnections();
  server.close();
  return answer;
}
const HEAD = 'POST / HTTP/1.1\r\nHost: probe\r\n';
const often = { connectionsCheckingInterval: 200 };
const seen = {
  'half a body': await stalled(`${HEAD}Content-Length: 10\r\n\r\nhalf`, {}),
  'half of the headers': await stalled(HEAD, {}),
  'half a body, looking every 200 ms': await stalled(`${HEAD}Content-Length: 10\r\n\r\nhalf`, often),
  'half of the headers, looking every 200 ms': await stalled(HEAD, often),
};
console.log(`Node.js ${process.versions.node}, requestTimeout and headersTimeout of ${LIMIT_MS} ms`);
for (const [name, { line, ms }] of Object.entries(seen)) console.log(`  ${name}: ${line} after ${(ms / 1000).toFixed(1)} s`);
const [body, headers, ...looking] = Object.values(seen);
const isLate = ({ line }) => line === 'nothing';
const holds = isLate(body) && isLate(headers) && looking.every(({ line, ms }) => line.includes(' 408 ') && ms < WATCH_MS);
console.log(holds ? 'holds: the limit is looked at every half minute' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 60 node probe.mjs
