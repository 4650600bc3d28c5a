// Express with express-session and connect-redis: the session is in Redis, and the cookie holds its signed id.
import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createClient } from 'redis';

const { PORT, SESSION_SECRET, REDIS_URL, PASSWORD } = process.env;

const salt = randomBytes(16);
const hashOf = (password) => scryptSync(password, salt, 32);
const users = new Map(['alice', 'bob'].map((name) => [name, hashOf(PASSWORD)]));
const isRight = (name, password) =>
  typeof password === 'string' && timingSafeEqual(hashOf(password), users.get(name) ?? randomBytes(32));

const client = createClient({ url: REDIS_URL });
client.on('error', (error) => console.error(error.message));
await client.connect();

const app = express();
app.use(express.json());
app.use(
  session({
    store: new RedisStore({ client }),
    secret: SESSION_SECRET,
    resave: false,
    saveUninitialized: false,
    cookie: { sameSite: 'lax', maxAge: 30 * 60_000 },
  }),
);

app.get('/', (_request, response) => response.json({ shop: 'open' }));

app.post('/login', (request, response, next) => {
  const { username, password } = request.body ?? {};
  if (!isRight(username, password)) return response.sendStatus(401);
  request.session.regenerate((error) => {
    if (error) return next(error);
    request.session.user = username;
    response.sendStatus(204);
  });
});

function guard(request, response, next) {
  if (request.session.user === undefined) return response.sendStatus(401);
  next();
}

app.get('/account', guard, (request, response) => response.json({ user: { name: request.session.user } }));

app.post('/logout', guard, (request, response, next) => {
  request.session.destroy((error) => (error ? next(error) : response.sendStatus(204)));
});

app.listen(Number(PORT), '127.0.0.1');
