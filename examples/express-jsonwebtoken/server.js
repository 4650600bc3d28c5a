// Express with jsonwebtoken: a bearer token that no store is asked about, so a logout cannot end it.
import { randomBytes, randomUUID, scryptSync, timingSafeEqual } from 'node:crypto';
import express from 'express';
import jwt from 'jsonwebtoken';

const { PORT, TOKEN_SECRET, PASSWORD } = process.env;
const CLAIMS = { issuer: 'shop', audience: 'shop' };

const salt = randomBytes(16);
const hashOf = (password) => scryptSync(password, salt, 32);
const users = new Map(['alice', 'bob'].map((name) => [name, hashOf(PASSWORD)]));
const isRight = (name, password) =>
  typeof password === 'string' && timingSafeEqual(hashOf(password), users.get(name) ?? randomBytes(32));

const app = express();
app.use(express.json());

app.get('/', (_request, response) => response.json({ shop: 'open' }));

app.post('/login', (request, response) => {
  const { username, password } = request.body ?? {};
  if (!isRight(username, password)) return response.sendStatus(401);
  const token = jwt.sign({}, TOKEN_SECRET, { ...CLAIMS, subject: username, jwtid: randomUUID(), expiresIn: '15m' });
  response.json({ token });
});

function guard(request, response, next) {
  const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  try {
    request.user = jwt.verify(token, TOKEN_SECRET, { ...CLAIMS, algorithms: ['HS256'] }).sub;
  } catch {
    return response.sendStatus(401);
  }
  next();
}

app.get('/account', guard, (request, response) => response.json({ user: { name: request.user } }));

app.listen(Number(PORT), '127.0.0.1');
