#!/usr/bin/env bash
# http-proxy 1.18.1: how many connections a kept-alive client costs.
#
# A proxy in front of a service is expected to keep its connections to both sides, as Node.js' own agent does by default.
# http-proxy gives each request `agent: false`, so it makes a connection to the service for each and asks it to close that
# one. The service says so in its answer, the proxy passes its `Connection: close` on, and the client's connection ends as
# well, though both the client and the service keep theirs. A hundred requests of one client make two hundred connections,
# which a benchmark of the service behind it takes for the cost of the service. With an agent that keeps connections, two are
# enough.
#
# Seen: 100 connections on each side for 100 requests, and one each with an agent. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent http-proxy@1.18.1
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import http from 'node:http';
import httpProxy from 'http-proxy';

const REQUESTS = 100;
const listen = async (server) => {
  server.connections = 0;
  server.on('connection', () => (server.connections += 1)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
};
const get = (port, agent) =>
  new Promise((resolve, reject) => {
    http.get({ host: '127.0.0.1', port, agent }, (response) => response.resume().on('end', () => resolve(response.headers.connection))).on('error', reject);
  });
/** Sends requests over one connection, as long as it is kept. @returns connections at the service and at the proxy */
async function connections(options) {
  const service = http.createServer((_, response) => response.end('ok'));
  const target = `http://127.0.0.1:${await listen(service)}`;
  const proxy = options && httpProxy.createProxyServer({ target, ...options });
  const front = http.createServer((request, response) => proxy.web(request, response));
  const port = proxy ? await listen(front) : service.address().port;
  const client = new http.Agent({ keepAlive: true, maxSockets: 1 });
  let said;
  for (let i = 0; i < REQUESTS; i++) said = await get(port, client);
  client.destroy();
  options?.agent?.destroy();
  for (const server of [front, service]) {
    server.closeAllConnections();
    server.close();
  }
  return { service: service.connections, front: front.connections, said };
}
const direct = await connections();
const plain = await connections({});
const kept = await connections({ agent: new http.Agent({ keepAlive: true }) });
console.log(`http-proxy 1.18.1 and Node.js ${process.versions.node}, ${REQUESTS} requests of one client that keeps its connection`);
console.log(`  without a proxy: ${direct.service} at the service`);
for (const [name, { service, front, said }] of Object.entries({ 'by default': plain, 'with an agent': kept })) {
  console.log(`  ${name}: ${service} connections at the service, ${front} at the proxy, whose answers say "Connection: ${said}"`);
}
const holds = direct.service === 1 && plain.service === REQUESTS && plain.front === REQUESTS && kept.service === 1 && kept.front === 1;
console.log(holds ? 'holds: each request makes a connection on both sides' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node --disable-warning=DEP0060 probe.mjs
