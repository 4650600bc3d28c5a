#!/usr/bin/env bash
# @fastify/jwt 10.2.8: a token that is well signed but not valid yet is answered with 500, not 401.
#
# request.jwtVerify() turns six of fast-jwt's errors into 401 replies (missing, expired, malformed, untrusted …). A token
# whose `nbf` lies in the future, or whose `typ` is not the one that checkTyp asks for, raises one of the others: it
# passes through as an error without a status code, and Fastify makes it a 500. Monitoring then blames the server for
# what a client has done: its clock is fast, or it sent a token of another kind.
#
# Seen: 401 for an expired token, and 500 for one that is not valid yet or of another type. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent fastify@5.12.8 @fastify/jwt@10.2.8 fast-jwt@6.3.6
cat >probe.cjs <<'JS'
const fastify = require('fastify');
const { createSigner } = require('fast-jwt');
const key = 'k'.repeat(32);
const second = () => Math.floor(Date.now() / 1000);
(async () => {
  const app = fastify();
  app.register(require('@fastify/jwt'), { secret: key, verify: { checkTyp: 'at+jwt' } });
  app.get('/', async (request) => request.jwtVerify());
  const sign = (typ, claims) => createSigner({ key, header: { typ } })(claims);
  const status = async (token) => (await app.inject({ url: '/', headers: { authorization: `Bearer ${token}` } })).statusCode;
  const seen = {
    good: await status(sign('at+jwt', { sub: 'a' })),
    expired: await status(sign('at+jwt', { sub: 'a', exp: second() - 60 })),
    early: await status(sign('at+jwt', { sub: 'a', nbf: second() + 60 })),
    otherType: await status(sign('jwt', { sub: 'a' })),
  };
  console.log(`@fastify/jwt ${require('@fastify/jwt/package.json').version}: statuses ${JSON.stringify(seen)}`);
  const holds = seen.good === 200 && seen.expired === 401 && seen.early === 500;
  console.log(holds ? 'holds: a token that is early is a server error' : 'changed: an early token is no longer a 500');
  process.exitCode = holds ? 0 : 1;
})();
JS
timeout 30 node probe.cjs
