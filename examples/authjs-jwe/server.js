// A cookie as Auth.js makes it: claims in an encrypted token (JWE, dir + A256CBC-HS512), its key derived from one secret.
import { hkdfSync, randomBytes, randomUUID, scryptSync, timingSafeEqual } from 'node:crypto';
import express from 'express';
import { EncryptJWT, jwtDecrypt } from 'jose';

const { PORT, AUTH_SECRET, PASSWORD } = process.env;
const COOKIE = 'authjs.session-token';
const MAX_AGE_SECONDS = 30 * 60;
const key = new Uint8Array(hkdfSync('sha256', AUTH_SECRET, COOKIE, `Auth.js Generated Encryption Key (${COOKIE})`, 64));

const salt = randomBytes(16);
const hashOf = (password) => scryptSync(password, salt, 32);
const users = new Map(['alice', 'bob'].map((name) => [name, hashOf(PASSWORD)]));
const isRight = (name, password) =>
  typeof password === 'string' && timingSafeEqual(hashOf(password), users.get(name) ?? randomBytes(32));

const encode = (name) =>
  new EncryptJWT({ name })
    .setProtectedHeader({ alg: 'dir', enc: 'A256CBC-HS512' })
    .setIssuedAt()
    .setExpirationTime(`${MAX_AGE_SECONDS}s`)
    .setJti(randomUUID())
    .encrypt(key);

async function decode(token) {
  const { payload } = await jwtDecrypt(token, key, {
    clockTolerance: 15,
    keyManagementAlgorithms: ['dir'],
    contentEncryptionAlgorithms: ['A256CBC-HS512'],
  });
  return payload;
}

const app = express();
app.use(express.json());

app.get('/', (_request, response) => response.json({ shop: 'open' }));

app.post('/login', async (request, response) => {
  const { username, password } = request.body ?? {};
  if (!isRight(username, password)) return response.sendStatus(401);
  response
    .cookie(COOKIE, await encode(username), { httpOnly: true, sameSite: 'lax', maxAge: MAX_AGE_SECONDS * 1000 })
    .sendStatus(204);
});

async function guard(request, response, next) {
  const token = new RegExp(`(?:^|; )${COOKIE}=([^;]+)`).exec(request.headers.cookie ?? '')?.[1];
  try {
    request.user = (await decode(token)).name;
  } catch {
    return response.sendStatus(401);
  }
  next();
}

app.get('/account', guard, (request, response) => response.json({ user: { name: request.user } }));

app.post('/logout', (_request, response) => response.clearCookie(COOKIE).sendStatus(204));

app.listen(Number(PORT), '127.0.0.1');
