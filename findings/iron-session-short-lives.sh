#!/usr/bin/env bash
# iron-session 8.0.4: how long a session with a short `ttl` lives, in the browser and on the server.
#
# Sixty seconds of tolerated clock skew are subtracted from the cookie's Max-Age and added to the life of the sealed data. With a
# `ttl` of 30 s the cookie is sent with Max-Age=-30: a browser discards it, and the user who has just logged in is logged out.
# A client that keeps the cookie anyway, as an API client does, is let in for 90 s. A service that sets short lives (a step of
# a login, a test of expiry) sees both effects; with lives of hours nobody notices.
#
# Seen: Max-Age=-30; let in after 31, 60 and 89 s, refused after 91 s. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent iron-session@8.0.4
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { getIronSession } from 'iron-session';

const options = { cookieName: 'session', password: 'x'.repeat(40), ttl: 30, cookieOptions: { secure: false } };
const server = createServer(async (request, response) => {
  const session = await getIronSession(request, response, options);
  if (request.url === '/login') {
    session.user = 'someone';
    await session.save();
  }
  response.end(session.user ?? 'nobody');
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const base = `http://127.0.0.1:${server.address().port}`;
const login = await fetch(`${base}/login`);
const [pair, ...attributes] = login.headers.get('set-cookie').split('; ');
console.log(`iron-session 8.0.4 with a ttl of 30 s sends: ${attributes.join('; ')}`);
const now = Date.now;
const who = {};
for (const seconds of [31, 60, 89, 91]) {
  Date.now = () => now() + seconds * 1000;
  who[seconds] = await (await fetch(`${base}/`, { headers: { cookie: pair } })).text();
}
server.close();
server.closeAllConnections();
console.log('  who is let in after so many seconds:', who);
const holds = attributes.includes('Max-Age=-30') && who[89] === 'someone' && who[91] === 'nobody';
console.log(holds ? 'holds: gone at once in a browser, alive for 90 s on the server' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
