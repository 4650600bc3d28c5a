#!/usr/bin/env bash
# http.Agent of Node.js with `maxTotalSockets` and keepAlive: a request to a second host.
#
# The option limits how many connections an agent has at once, to all hosts. Idle connections that are kept for reuse count,
# and none is closed for a request to another host. So once the limit is reached by connections to one host, a request to
# another waits, with nothing else under way, until the idle ones end by themselves: after the server's keep-alive timeout,
# seconds later. The wait is part of the request's time and looks like a slow server. `maxSockets`, which is per host, does
# not do this.
#
# Seen with Node.js 26.10.0: 4 to 6 s for a request that takes some milliseconds. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

async function serve() {
  const server = http.createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  server.keepAliveTimeout = 5000;
  await once(server, 'listening');
  return server;
}
const [one, other] = [await serve(), await serve()];
/** @returns how long a request took, in ms */
const time = (server, agent) =>
  new Promise((resolve, reject) => {
    const from = performance.now();
    const request = http.get({ host: '127.0.0.1', port: server.address().port, agent }, (response) => response.resume().on('end', () => resolve(performance.now() - from)));
    request.on('error', reject);
  });
async function run(options) {
  const agent = new http.Agent({ keepAlive: true, ...options });
  await Promise.all([time(one, agent), time(one, agent)]);
  // Both connections are idle.
  await sleep(100);
  const took = await time(other, agent);
  agent.destroy();
  return took;
}
const total = await run({ maxTotalSockets: 2 });
const perHost = await run({ maxSockets: 2 });
for (const server of [one, other]) server.close();
console.log(`Node.js ${process.versions.node}, two requests to one host that are done, and then one to another`);
console.log(`  maxTotalSockets: 2: ${total.toFixed(0)} ms; maxSockets: 2: ${perHost.toFixed(0)} ms`);
const holds = total > 2000 && perHost < 500;
console.log(holds ? 'holds: it waits for idle connections' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
