#!/usr/bin/env bash
# @fastify/session 11.1.3: the README's example of session.options gives seconds; the code takes milliseconds.
#
# "request.session.options({ maxAge: 60 * 60 }); // 3600 seconds => maxAge is always passed in seconds". A session that
# was meant to live for an hour ends after 3.6 s: the cookie's Expires says so, and the store receives the same time.
#
# Seen: with a maxAge of 3600 the cookie expires in under ten seconds. Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent fastify@5.12.8 @fastify/cookie@11.1.5 @fastify/session@11.1.3
cat >probe.cjs <<'JS'
const { readFileSync } = require('node:fs');
const fastify = require('fastify');
(async () => {
  const app = fastify();
  app.register(require('@fastify/cookie'));
  app.register(require('@fastify/session'), { secret: 's'.repeat(32), cookie: { secure: false } });
  app.get('/', async (request) => {
    request.session.options({ maxAge: 60 * 60 });
    request.session.user = 'a';
    return 'ok';
  });
  const before = Date.now();
  const { headers } = await app.inject('/');
  const expires = /Expires=([^;]+)/i.exec(String(headers['set-cookie']))[1];
  const livesMs = new Date(expires) - before;
  const readme = readFileSync(require.resolve('@fastify/session/package.json').replace('package.json', 'README.md'), 'utf8');
  const said = readme.split('\n').find((line) => line.includes('session.options({ maxAge'));
  console.log('@fastify/session', require('@fastify/session/package.json').version);
  console.log(`  README: ${said?.trim()}`);
  console.log(`  options({ maxAge: 3600 }): the cookie expires after ${(livesMs / 1000).toFixed(1)} s`);
  const holds = /seconds/.test(said ?? '') && livesMs < 10_000;
  console.log(holds ? 'holds: an hour in the README is under ten seconds in the cookie' : 'changed: README and cookie agree');
  process.exitCode = holds ? 0 : 1;
})();
JS
timeout 30 node probe.cjs
