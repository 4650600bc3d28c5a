#!/usr/bin/env bash
# undici 8.13.1, and fetch of Node.js 26.10.0, with a server that keeps idle connections for one or two seconds.
#
# The server says so: `Keep-Alive: timeout=2`. The client subtracts two seconds from such a hint, so as not to send to a
# connection that is about to be closed, and if nothing is left it closes the connection right after the answer. So a keep-alive
# of two seconds is none at all: each request of a series, without any pause, makes a connection of its own, and with TLS a
# handshake. Latencies and the server's CPU time are those of connecting, and both sides report that they keep connections
# alive. With three seconds one connection suffices; `keepAliveTimeoutThreshold` sets what is subtracted, and fetch has no such
# option.
#
# Seen: 50 connections for 50 requests with a timeout of 1 or 2 s, one or two with 3 s. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent undici@8.13.1
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Agent, request } from 'undici';

const TIMES = 50;
async function look(keepAliveTimeout, send) {
  const server = createServer({ keepAliveTimeout }, (_, response) => response.end('ok')).listen(0, '127.0.0.1');
  let connections = 0;
  server.on('connection', () => (connections += 1));
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  const hint = (await send(url)).hint;
  for (let i = 1; i < TIMES; i++) await send(url);
  server.close();
  server.closeAllConnections();
  return { hint, connections };
}
const dispatcher = new Agent({ connections: 1 });
const clients = {
  'undici 8.13.1': async (url) => {
    const { headers, body } = await request(url, { dispatcher });
    await body.text();
    return { hint: headers['keep-alive'] };
  },
  [`fetch, Node.js ${process.versions.node}`]: async (url) => {
    const response = await fetch(url);
    await response.text();
    return { hint: response.headers.get('keep-alive') };
  },
};
let holds = true;
for (const [name, send] of Object.entries(clients)) {
  const seen = {};
  for (const timeout of [1000, 2000, 3000]) seen[timeout] = await look(timeout, send);
  console.log(`${name}, ${TIMES} requests one after the other`);
  for (const { hint, connections } of Object.values(seen)) console.log(`  Keep-Alive: ${hint}: ${connections} connections`);
  holds &&= seen[1000].connections === TIMES && seen[2000].connections === TIMES && seen[3000].connections < 10;
}
await dispatcher.close();
console.log(holds ? 'holds: a keep-alive of two seconds is none' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
