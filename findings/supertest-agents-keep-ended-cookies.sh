#!/usr/bin/env bash
# supertest 7.3.2, whose agents keep cookies with cookiejar 2.1.4: what they do with Max-Age.
#
# An agent is there for tests of sessions: it signs in, keeps the cookie, and sends it. Its jar reads Expires and not
# Max-Age. A cookie that has only Max-Age, as @fastify/cookie, the `cookie` package and many frameworks send it, never ends,
# and a sign-out that answers `Max-Age=0` leaves it: the agent goes on sending what a browser has deleted. A test that a
# session has ended sees a signed-in visitor, or tests only what the server does with an old cookie.
#
# Seen: sent a second after the end of a Max-Age of one second, and after Max-Age=0; not sent after Expires. Exits with 1 if
# that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent supertest@7.3.2
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import supertest from 'supertest';

const answers = {
  '/max-age': () => 'sid=a; Path=/; Max-Age=1',
  '/expires': () => `sid=a; Path=/; Expires=${new Date(Date.now() + 1000).toUTCString()}`,
  '/sign-out': () => 'sid=; Path=/; Max-Age=0',
};
const server = createServer(({ url, headers }, response) => {
  if (answers[url] !== undefined) response.setHeader('set-cookie', answers[url]());
  response.end(headers.cookie ?? 'no cookie');
}).listen(0, '127.0.0.1');
await once(server, 'listening');

/** What an agent sends to / once it has been to some other places, and has waited. */
async function sends(places, waitMs) {
  const agent = supertest.agent(server);
  for (const place of places) await agent.get(place);
  await sleep(waitMs);
  return (await agent.get('/')).text;
}
const [ended, expired, signedOut] = await Promise.all([sends(['/max-age'], 2000), sends(['/expires'], 2000), sends(['/max-age', '/sign-out'], 0)]);
server.closeAllConnections();
server.close();
console.log('supertest 7.3.2, an agent two seconds after a cookie of one second');
console.log(`  with Max-Age=1 it sends: ${ended}`);
console.log(`  with Expires it sends: ${expired}`);
console.log(`  after a sign-out with Max-Age=0 it sends: ${signedOut}`);
const holds = ended === 'sid=a' && expired === 'no cookie' && signedOut === 'sid=';
console.log(holds ? 'holds: Max-Age is not read' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
