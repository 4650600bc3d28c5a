// Node alone: node:http, and sessions in a table of node:sqlite that all replicas share.
import { createHash, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { json } from 'node:stream/consumers';

const { PORT, DATABASE, PASSWORD } = process.env;
const LIFE_MS = 30 * 60_000;

const salt = randomBytes(16);
const hashOf = (password) => scryptSync(password, salt, 32);
const users = new Map(['alice', 'bob'].map((name) => [name, hashOf(PASSWORD)]));
const isRight = (name, password) =>
  typeof password === 'string' && timingSafeEqual(hashOf(password), users.get(name) ?? randomBytes(32));

const database = new DatabaseSync(DATABASE, { timeout: 5000 });
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
// Hashed, so that who reads the table holds no session.
database.exec('CREATE TABLE IF NOT EXISTS sessions (id BLOB PRIMARY KEY, user TEXT, ends_ms INTEGER) WITHOUT ROWID');
const insert = database.prepare('INSERT INTO sessions VALUES (?, ?, ?)');
const select = database.prepare('SELECT user FROM sessions WHERE id = ? AND ends_ms > ?');
const remove = database.prepare('DELETE FROM sessions WHERE id = ?');

const idIn = ({ headers }) => {
  const secret = /(?:^|; )sid=([\w-]{43})(?:;|$)/.exec(headers.cookie ?? '')?.[1];
  return secret === undefined ? null : createHash('sha256').update(secret).digest();
};

function answer(response, status, body, headers = {}) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

const cookie = (value, maxAgeSeconds) =>
  `sid=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${Math.floor(maxAgeSeconds)}`;

const routes = {
  'GET /': (_request, response) => answer(response, 200, { shop: 'open' }),

  'POST /login': async (request, response) => {
    const { username, password } = await json(request).catch(() => ({}));
    if (!isRight(username, password)) return answer(response, 401);
    const old = idIn(request);
    if (old !== null) remove.run(old);
    const secret = randomBytes(32).toString('base64url');
    insert.run(createHash('sha256').update(secret).digest(), username, Date.now() + LIFE_MS);
    answer(response, 204, undefined, { 'set-cookie': cookie(secret, LIFE_MS / 1000) });
  },

  'GET /account': (request, response) => {
    const id = idIn(request);
    const session = id === null ? undefined : select.get(id, Date.now());
    if (session === undefined) return answer(response, 401);
    answer(response, 200, { user: { name: session.user } });
  },

  'POST /logout': (request, response) => {
    const id = idIn(request);
    if (id === null || remove.run(id).changes === 0) return answer(response, 401);
    answer(response, 204, undefined, { 'set-cookie': cookie('', 0) });
  },
};

createServer(async (request, response) => {
  try {
    const route = routes[`${request.method} ${request.url}`];
    if (route === undefined) answer(response, 404);
    else await route(request, response);
  } catch (error) {
    console.error(error);
    if (!response.headersSent) answer(response, 500);
  }
}).listen(Number(PORT), '127.0.0.1');
