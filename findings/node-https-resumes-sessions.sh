#!/usr/bin/env bash
# node:https of Node.js 26.10.0 and undici 8.13.1: what a new TLS connection for each request costs.
#
# To measure visitors who come for the first time, one turns keep-alive off, so that each request connects anew. Each request
# does, but both clients keep the session tickets of a host and present them, so only the first handshake is a full one. The
# others leave out the certificate and its signature, a quarter or more of what the server spends. The figure is that of
# visitors who come back, and nothing in options or results says so. `maxCachedSessions: 0` turns it off in both. autocannon
# with `reconnectRate: 1` makes full handshakes, so the two kinds of generator disagree about the same server.
#
# Seen with 200 requests: one to three full handshakes, and 200 with maxCachedSessions 0; 964 and 1,618 µs of the server's CPU
# time for each with node:https, 1,263 and 1,651 with undici. Exits with 1 if that changes, 2 if there is no openssl.
set -euo pipefail
command -v openssl >/dev/null || { echo 'this needs openssl on the PATH'; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent undici@8.13.1 autocannon@9.0.0
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost >/dev/null 2>&1
cat >server.cjs <<'JS'
const { readFileSync } = require('node:fs');
const { createServer } = require('node:https');

let counts = { full: 0, resumed: 0 };
let from = process.cpuUsage();
const server = createServer({ key: readFileSync('key.pem'), cert: readFileSync('cert.pem') }, (_, response) => response.end('ok'));
server.on('secureConnection', (socket) => (counts[socket.isSessionReused() ? 'resumed' : 'full'] += 1));
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('message', () => {
  const { user, system } = process.cpuUsage(from);
  process.send({ ...counts, cpuUs: user + system });
  counts = { full: 0, resumed: 0 };
  from = process.cpuUsage();
});
process.on('disconnect', () => process.exit());
JS
cat >probe.cjs <<'JS'
const { fork } = require('node:child_process');
const { once } = require('node:events');
const https = require('node:https');
const autocannon = require('autocannon');
const undici = require('undici');

const TIMES = 200;
async function main() {
  const child = fork('./server.cjs');
  const [port] = await once(child, 'message');
  const url = `https://localhost:${port}/`;
  const tls = { host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false };
  const byHttps = (agent) => () =>
    new Promise((resolve, reject) => {
      https.get(url, { agent, ...tls }, (response) => response.resume().on('end', resolve)).on('error', reject);
    });
  const byUndici = (dispatcher) => async () => {
    const { body } = await undici.request(`https://127.0.0.1:${port}/`, { dispatcher, reset: true });
    await body.text();
  };
  const series = (send) => async () => {
    for (let i = 0; i < TIMES; i++) await send();
  };
  const connect = { servername: 'localhost', rejectUnauthorized: false };
  const runs = {
    'https.Agent, keepAlive: false': series(byHttps(new https.Agent({ keepAlive: false }))),
    'https.Agent, and maxCachedSessions: 0': series(byHttps(new https.Agent({ keepAlive: false, maxCachedSessions: 0 }))),
    'undici, reset: true': series(byUndici(new undici.Agent({ connect }))),
    'undici, and maxCachedSessions: 0': series(byUndici(new undici.Agent({ connect, maxCachedSessions: 0 }))),
    'autocannon, reconnectRate: 1': () => autocannon({ url: `https://127.0.0.1:${port}/`, servername: 'localhost', connections: 1, amount: TIMES, reconnectRate: 1 }),
  };
  const seen = [];
  // The code of server and clients becomes warm first.
  for (const run of Object.values(runs)) await run();
  console.log(`Node.js ${process.versions.node}, TLS with a certificate of RSA 2048, ${TIMES} requests over connections of their own`);
  for (const [name, run] of Object.entries(runs)) {
    child.send('reset');
    await once(child, 'message');
    await run();
    child.send('read');
    const [{ full, resumed, cpuUs }] = await once(child, 'message');
    seen.push({ full, resumed });
    console.log(`  ${name}: ${full} full handshakes, ${resumed} resumed, ${Math.round(cpuUs / (full + resumed))} µs of the server's CPU time each`);
  }
  child.disconnect();
  const [agent, agentOff, client, clientOff, cannon] = seen;
  const resumes = [agent, client].every(({ full, resumed }) => full < TIMES / 10 && full + resumed === TIMES);
  const doesNot = [agentOff, clientOff, cannon].every(({ full, resumed }) => full >= TIMES && resumed === 0);
  console.log(resumes && doesNot ? 'holds: only the first handshake is a full one' : 'changed');
  process.exitCode = resumes && doesNot ? 0 : 1;
}
main();
JS
timeout 90 node probe.cjs
