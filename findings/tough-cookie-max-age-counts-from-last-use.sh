#!/usr/bin/env bash
# tough-cookie 6.1.0, here beneath fetch-cookie 3.2.0: when a cookie with Max-Age ends.
#
# A browser adds Max-Age to the time at which the cookie arrived. This jar adds it to the time at which the cookie was last
# used, so each request extends it, and a cookie that is used within its Max-Age never ends. Sessions with a fixed end look
# as if they were extended by use: a load test with virtual users stays signed in for as long as it runs, and a test that a
# visitor has to sign in again fails, or never gets there. The same cookie with Expires ends when it should.
#
# Seen with a life of two seconds and a request each half second: with Max-Age sent for all of six seconds, with Expires for
# two. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent tough-cookie@6.1.0 fetch-cookie@3.2.0
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import makeFetchCookie from 'fetch-cookie';
import { CookieJar } from 'tough-cookie';

const LIFE_S = 2;
const server = createServer(({ url, headers }, response) => {
  const end = url === '/max-age' ? `Max-Age=${LIFE_S}` : `Expires=${new Date(Date.now() + LIFE_S * 1000).toUTCString()}`;
  if (url !== '/') response.setHeader('set-cookie', `sid=a; Path=/; ${end}`);
  response.end(headers.cookie ?? '');
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const base = `http://127.0.0.1:${server.address().port}`;

/** Signs in, and then asks again and again. @returns how long after it the cookie was last sent, in seconds */
async function lastSent(signIn, requests, pauseMs) {
  const fetchWith = makeFetchCookie(fetch, new CookieJar());
  const get = async (path) => (await fetchWith(base + path)).text();
  await get(signIn);
  const from = performance.now();
  let last = 0;
  for (let i = 0; i < requests; i++) {
    await sleep(pauseMs);
    if ((await get('/')) !== '') last = (performance.now() - from) / 1000;
  }
  return last;
}
const [maxAge, expires, unused] = await Promise.all([lastSent('/max-age', 12, 500), lastSent('/expires', 12, 500), lastSent('/max-age', 1, 3000)]);
server.closeAllConnections();
server.close();
console.log(`tough-cookie 6.1.0, a cookie that lives for ${LIFE_S} s, and a request each half second for 6 s`);
console.log(`  Max-Age: last sent after ${maxAge.toFixed(1)} s; Expires: after ${expires.toFixed(1)} s`);
console.log(`  Max-Age, and no request for 3 s: ${unused === 0 ? 'not sent' : 'sent'}`);
const holds = maxAge > 2 * LIFE_S && expires <= LIFE_S + 0.5 && unused === 0;
console.log(holds ? 'holds: Max-Age counts from the last use' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
