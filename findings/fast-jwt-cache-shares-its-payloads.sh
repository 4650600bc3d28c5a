#!/usr/bin/env bash
# fast-jwt 6.3.6 with its cache, here beneath @fastify/jwt 10.2.8: what a handler adds to `request.user`.
#
# Each verification is expected to return a payload of its own. With `cache` the object of the first verification is kept
# and handed out again, to every request with the same token. What a handler or a plugin writes into it, such as a time or a
# count, is there for the next request, and for those that run at the same moment, for as long as the cache lasts: ten
# minutes. Turning the cache on to save time changes what an application does. A copy of the payload before it is changed
# avoids it.
#
# Seen: the third request of a visitor finds what two others have written; without the cache it finds nothing. Exits with 1
# if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent fastify@5.12.8 @fastify/jwt@10.2.8 fast-jwt@6.3.6
cat >probe.mjs <<'JS'
import fastifyJwt from '@fastify/jwt';
import Fastify from 'fastify';

/** Asks three times with one token. @returns what each request found in its payload before it added its own number */
async function run(cache) {
  const app = Fastify();
  await app.register(fastifyJwt, { secret: 'a secret of thirty-two characters', verify: { cache } });
  app.get('/:number', async (request) => {
    await request.jwtVerify();
    const found = request.user.seen ?? [];
    request.user.seen = [...found, request.params.number];
    return found;
  });
  await app.ready();
  const headers = { authorization: `Bearer ${app.jwt.sign({ sub: 'somebody' })}` };
  const found = [];
  for (const number of [1, 2, 3]) found.push((await app.inject({ url: `/${number}`, headers })).json());
  await app.close();
  return found;
}
const without = await run(false);
const cached = await run(true);
console.log('@fastify/jwt 10.2.8, three requests with one token, each of which notes its number in request.user');
for (const [name, found] of Object.entries({ 'without a cache': without, 'with a cache': cached })) {
  console.log(`  ${name} they find: ${found.map((all) => all.join(' and ') || 'nothing').join('; ')}`);
}
const holds = without.every((all) => all.length === 0) && cached[2].length === 2;
console.log(holds ? 'holds: all get the same object' : 'changed');
process.exitCode = holds ? 0 : 1;
JS
timeout 60 node probe.mjs
