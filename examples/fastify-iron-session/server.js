// Fastify with iron-session: the whole session is in the cookie, sealed by one password.
import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import Fastify from 'fastify';
import { getIronSession } from 'iron-session';

const { PORT, SESSION_SECRET, PASSWORD } = process.env;

const salt = randomBytes(16);
const hashOf = (password) => scryptSync(password, salt, 32);
const users = new Map(['alice', 'bob'].map((name) => [name, hashOf(PASSWORD)]));
const isRight = (name, password) => timingSafeEqual(hashOf(password), users.get(name) ?? randomBytes(32));

const sessionOf = ({ raw: request }, { raw: response }) =>
  getIronSession(request, response, {
    cookieName: 'session',
    password: SESSION_SECRET,
    ttl: 30 * 60,
    // The default is true, and this one speaks plain HTTP on this machine.
    cookieOptions: { secure: false },
  });

const app = Fastify();

app.get('/', async () => ({ shop: 'open' }));

const body = {
  type: 'object',
  required: ['username', 'password'],
  properties: { username: { type: 'string' }, password: { type: 'string' } },
};
app.post('/login', { schema: { body } }, async (request, reply) => {
  const { username, password } = request.body;
  if (!isRight(username, password)) return reply.code(401).send();
  const session = await sessionOf(request, reply);
  session.user = username;
  await session.save();
  return reply.code(204).send();
});

app.get('/account', async (request, reply) => {
  const { user } = await sessionOf(request, reply);
  return user === undefined ? reply.code(401).send() : { user: { name: user } };
});

app.post('/logout', async (request, reply) => {
  (await sessionOf(request, reply)).destroy();
  return reply.code(204).send();
});

await app.listen({ port: Number(PORT), host: '127.0.0.1' });
