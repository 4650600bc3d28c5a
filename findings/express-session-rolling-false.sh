#!/usr/bin/env bash
# express-session 1.19.0 with connect-redis 10.0.0 and `rolling: false`: when a session ends, and what a read costs.
#
# `rolling: false` suggests a life counted from login. To a browser it is one: the cookie's Expires never moves. In the store
# the end moves with every request, because the session is touched there whether `rolling` is set or not. So a client that keeps
# the cookie, as API clients do, stays logged in for as long as it comes back in time. Each read, even with `resave: false`, is
# two commands: GET and EXPIRE. `disableTouch` of the store stops both.
#
# Seen with a `maxAge` of 2 s and a request each half second: logged in after 5 s, 10 GET and 10 EXPIRE; with disableTouch it
# ended after 2 s. Exits with 1 if that changes, 2 if there is no redis-server.
set -euo pipefail
command -v redis-server >/dev/null || { echo 'this needs a redis-server on the PATH'; exit 2; }
folder=$(mktemp -d)
redis=
trap '[ -z "$redis" ] || kill "$redis" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent express@5.3.0 express-session@1.19.0 connect-redis@10.0.0 @redis/client@6.3.1 2>/dev/null
port=$(node -e "const s=require('node:net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" >/dev/null &
redis=$!
cat >probe.mjs <<'JS'
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';

const client = createClient({ url: `redis://127.0.0.1:${process.argv[2]}` }).on('error', () => {});
await client.connect();

async function trial(disableTouch) {
  const app = express();
  const store = new RedisStore({ client, disableTouch, prefix: `${disableTouch}:` });
  const cookie = { maxAge: 2000 };
  app.use(session({ store, secret: 'x'.repeat(32), resave: false, saveUninitialized: false, rolling: false, cookie }));
  app.post('/login', (request, response) => {
    request.session.user = 'someone';
    response.end();
  });
  app.get('/me', (request, response) => response.end(request.session.user ?? 'nobody'));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${server.address().port}`;
  const login = await fetch(`${base}/login`, { method: 'POST' });
  const sent = login.headers.get('set-cookie').split(';')[0];
  await client.configResetStat();
  let last = '';
  let cookies = 0;
  for (let request = 0; request < 10; request++) {
    await sleep(500);
    const reply = await fetch(`${base}/me`, { headers: { cookie: sent } });
    last = await reply.text();
    cookies += reply.headers.has('set-cookie') ? 1 : 0;
  }
  const stats = await client.info('commandstats');
  const calls = (name) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  server.close();
  server.closeAllConnections();
  return { after5s: last, cookiesSentAgain: cookies, get: calls('get'), expire: calls('expire') };
}
const usual = await trial(false);
const untouched = await trial(true);
client.destroy();
console.log('express-session 1.19.0, connect-redis 10.0.0, rolling: false, resave: false, maxAge 2 s, a read each half second');
console.log('  as it comes:      ', JSON.stringify(usual));
console.log('  with disableTouch:', JSON.stringify(untouched));
const holds = usual.after5s === 'someone' && usual.expire === 10 && usual.cookiesSentAgain === 0 && untouched.after5s === 'nobody';
console.log(holds ? 'holds: the session lives on in the store, and each read writes' : 'changed');
process.exit(holds ? 0 : 1);
JS
timeout 60 node probe.mjs "$port"
