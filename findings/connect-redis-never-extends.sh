#!/usr/bin/env bash
# connect-redis 10.0.0, the usual store of sessions in node-redis, as the store of @fastify/session 11.1.3 with
# `rolling: false`.
#
# The two fit: @fastify/session asks for `get`, `set` and `destroy`, and connect-redis has them. But connect-redis extends the
# life of a session in `touch`, which express-session calls after each request and @fastify/session never does. A session
# therefore ends one maxAge after login, however much it is used: an idle timeout has become an absolute one.
#
# Seen with Node 26.10.0: three requests of a logged-in user send only GET.
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent connect-redis@10.0.0 express-session@1.19.0 redis@6.3.1 \
  fastify@5.12.8 @fastify/cookie@11.1.5 @fastify/session@11.1.3
cat >probe.mjs <<'JS'
import cookie from '@fastify/cookie';
import session from '@fastify/session';
import { RedisStore } from 'connect-redis';
import fastify from 'fastify';

/** What connect-redis asks of a client, with a list of what it asked. */
const values = new Map();
let asked = [];
const client = {
  get: async (key) => (asked.push('GET'), values.get(key) ?? null),
  set: async (key, value, options) => (asked.push(`SET ${JSON.stringify(options)}`), values.set(key, value)),
  expire: async () => (asked.push('EXPIRE'), 1),
  del: async ([key]) => (asked.push('DEL'), values.delete(key)),
};

const app = fastify();
await app.register(cookie);
await app.register(session, {
  secret: 'a secret of thirty-two letters or more',
  cookie: { secure: false, maxAge: 60_000 },
  rolling: false,
  saveUninitialized: false,
  store: new RedisStore({ client }),
});
app.get('/login', (request) => ((request.session.user = 'ada'), 'in'));
app.get('/me', (request) => request.session.user ?? 'nobody');

const { headers } = await app.inject('/login');
const { 'set-cookie': given } = headers;
const own = { cookie: String(given).split(';')[0] };
const stored = values.size;
asked = [];
const answers = [];
for (let i = 0; i < 3; i++) answers.push((await app.inject({ url: '/me', headers: own })).body);
const reads = [...asked];
await app.close();

console.log(`answers ${answers}; asked by three reads: ${reads}`);
const isAsFound =
  stored === 1 && answers.every((answer) => answer === 'ada') && reads.every((each) => each === 'GET');
console.log(isAsFound ? 'as found: no read extends the session' : 'this has changed');
process.exit(isAsFound ? 0 : 1);
JS
node probe.mjs
