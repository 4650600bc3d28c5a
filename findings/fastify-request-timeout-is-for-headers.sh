#!/usr/bin/env bash
# fastify 5.12.8 with Node.js 26.10.0: what `requestTimeout` limits.
#
# It is the time for a whole request, headers and body. Fastify sets it on a server that exists already, whose
# `headersTimeout` is 60 s by default, and Node.js takes two limits of which that for the headers is the longer one to be in
# the wrong order: it swaps them. So `requestTimeout: 1000` ends headers that take longer than a second, and a body has a
# minute. A test with a slow header passes, and an upload that stalls holds its connection for 60 s, whatever is set below
# that. `http.createServer` with the same limit lowers the other one, and so does `http: { headersTimeout }` for Fastify.
#
# Seen with a limit of a second, looked at every 100 ms: headers end after a second, a body is there after five. Exits with 1
# if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent fastify@5.12.8
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import Fastify from 'fastify';

const LIMIT_MS = 1000;
const WATCH_MS = 5000;
const connectionsCheckingInterval = 100;
const HEADERS = 'POST / HTTP/1.1\r\nHost: probe\r\n';
const BODY = `${HEADERS}Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{"a"`;

/** Sends a part of a request. @returns the status that came, or that none came while it was watched */
async function stalled(server, part) {
  const socket = connect(server.address().port, '127.0.0.1', () => socket.write(part));
  const answer = await new Promise((resolve) => {
    socket.on('error', () => {});
    socket.once('data', (data) => resolve(String(data).split(' ', 2)[1]));
    setTimeout(() => resolve('nothing'), WATCH_MS);
  });
  socket.destroy();
  return answer;
}
async function byFastify(http) {
  const app = Fastify({ requestTimeout: LIMIT_MS, http: { connectionsCheckingInterval, ...http } });
  app.post('/', async () => 'ok');
  await app.listen({ host: '127.0.0.1', port: 0 });
  const limits = `headersTimeout ${app.server.headersTimeout}, requestTimeout ${app.server.requestTimeout}`;
  const seen = { limits, headers: await stalled(app.server, HEADERS), body: await stalled(app.server, BODY) };
  app.server.closeAllConnections();
  await app.close();
  return seen;
}
async function byNode() {
  const server = createServer({ requestTimeout: LIMIT_MS, connectionsCheckingInterval }, (request, response) => {
    request.resume().on('end', () => response.end('ok'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const limits = `headersTimeout ${server.headersTimeout}, requestTimeout ${server.requestTimeout}`;
  const seen = { limits, headers: await stalled(server, HEADERS), body: await stalled(server, BODY) };
  server.closeAllConnections();
  server.close();
  return seen;
}
const seen = { fastify: await byFastify({}), 'fastify with http.headersTimeout': await byFastify({ headersTimeout: LIMIT_MS }), 'node:http': await byNode() };
console.log(`fastify 5.12.8 and Node.js ${process.versions.node}, requestTimeout ${LIMIT_MS} ms, watched for ${WATCH_MS / 1000} s`);
for (const [name, { limits, headers, body }] of Object.entries(seen)) {
  console.log(`  ${name} (${limits}): half of the headers ${headers}, half of a body ${body}`);
}
const [plain, ...others] = Object.values(seen);
const holds = plain.headers === '408' && plain.body === 'nothing' && others.every(({ headers, body }) => headers === '408' && body === '408');
console.log(holds ? 'holds: the limit is that of the headers' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 60 node probe.mjs
