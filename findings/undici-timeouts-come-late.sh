#!/usr/bin/env bash
# undici 8.13.1: when a short `headersTimeout` or `bodyTimeout` expires.
#
# Both are given in milliseconds. Its documentation says that delays up to 1,000 ms use timers of Node.js and longer ones a
# coarse clock of undici's own. All of them use the coarse clock: it ticks every 499 ms, and a delay begins at the next tick. So
# 300 ms and 100 ms both take a second, 1,000 ms takes one and a half. A client that should give up after 300 ms, while its own
# caller waits for 500, never gives up in time, and a measured outage shows clients waiting for a time that nobody has set.
# AbortSignal.timeout expires on time.
#
# Seen: 100 and 300 ms after 1,010 ms, 1,000 after 1,513. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent undici@8.13.1 node@26.10.0
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Agent, request } from 'undici';

const server = createServer(({ url }, response) => {
  if (url === '/body') response.write('a');
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const base = `http://127.0.0.1:${server.address().port}`;

async function took(path, options, signal) {
  const dispatcher = new Agent(options);
  const start = performance.now();
  let failure;
  try {
    const { body } = await request(`${base}${path}`, { dispatcher, signal });
    await body.text();
  } catch (error) {
    failure = error.name;
  }
  const ms = performance.now() - start;
  await dispatcher.destroy();
  return { ms, failure };
}
// All begin at once, so that they share the ticks.
const seen = await Promise.all(
  [100, 300, 1000].map(async (ms) => {
    const [headers, body, signal] = await Promise.all([
      took('/', { headersTimeout: ms }),
      took('/body', { bodyTimeout: ms }),
      took('/', {}, AbortSignal.timeout(ms)),
    ]);
    return { ms, headers, body, signal };
  }),
);
console.log('undici 8.13.1, a server that does not answer');
for (const { ms, headers, body, signal } of seen) {
  const words = [headers, body, signal].map(({ ms: after, failure }) => `${Math.round(after)} ms (${failure})`);
  console.log(`  ${ms} ms asked for: headersTimeout ${words[0]}, bodyTimeout ${words[1]}, AbortSignal.timeout ${words[2]}`);
}
server.close();
server.closeAllConnections();
const late = ({ ms, headers, body }) => headers.ms > ms + 300 && body.ms > ms + 300;
const holds = seen.every(late) && seen.every(({ headers, signal }) => signal.ms < headers.ms - 200);
console.log(holds ? 'holds: each is over more than 300 ms late' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 60 ./node_modules/.bin/node probe.mjs
