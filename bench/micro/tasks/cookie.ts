/** Cookies through @fastify/cookie's own functions, as a request meets them; and a signature checked by hand. */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import fastifyCookie from '@fastify/cookie';
import fastify, { type FastifyInstance } from 'fastify';
import { hmacKey, sessionIds } from '../inputs.ts';
import { cycle, INPUTS, type MicroTask, type TaskContext } from '../task.ts';

/** The plugin loads its parser when it is registered, so it is reached through an application that never listens. */
async function application(): Promise<FastifyInstance> {
  const app = fastify();
  await app.register(fastifyCookie, { secret: hmacKey().toString('base64') });
  await app.ready();
  return app;
}

function cookieTask<T>(
  name: string,
  title: string,
  inputs: (app: FastifyInstance) => T[],
  operation: (app: FastifyInstance) => (input: T) => unknown,
): MicroTask {
  return {
    name,
    title,
    needsRedis: false,
    setup: async (context: TaskContext) => {
      const app = await application();
      return { ...cycle(inputs(app), context, operation(app)), teardown: () => app.close() };
    },
  };
}

const signedIds = (app: FastifyInstance) => sessionIds(INPUTS).map((id) => app.signCookie(id));

/** HMAC-SHA-256 (RFC 2104) of texts of one length, out of two one-shot hashes, as the hand-tuned sessions of the servers do. */
function hashingSigner(key: Buffer, textBytes: number): (text: string) => string {
  const inner = Buffer.alloc(64 + textBytes);
  const outer = Buffer.alloc(96);
  for (let i = 0; i < 64; i++) {
    inner[i] = (key[i] ?? 0) ^ 0x36;
    outer[i] = (key[i] ?? 0) ^ 0x5c;
  }
  return (text) => {
    inner.write(text, 64, 'utf8');
    outer.write(hash('sha256', inner, 'latin1'), 64, 'latin1');
    return hash('sha256', outer, 'base64url');
  };
}

const unsignByHand: MicroTask = {
  name: 'cookie-unsign-by-hand',
  title: 'check a signed session id with two one-shot SHA-256, as the hand-tuned session does',
  needsRedis: false,
  setup: (context) => {
    const key = hmacKey();
    const ids = sessionIds(INPUTS);
    const sign = hashingSigner(key, ids[0]?.length ?? 0);
    const signed = ids.map((id) => `${id}.${createHmac('sha256', key).update(id).digest('base64url')}`);
    const given = Buffer.alloc(43);
    const expected = Buffer.alloc(43);
    return cycle(signed, context, (cookie) => {
      const dot = cookie.length - 44;
      const id = cookie.slice(0, dot);
      given.write(cookie.slice(dot + 1), 0, 'utf8');
      expected.write(sign(id), 0, 'latin1');
      if (!timingSafeEqual(given, expected)) throw new Error('A cookie signed a moment ago was refused.');
      return id;
    });
  },
};

export const cookieTasks: readonly MicroTask[] = [
  cookieTask(
    'cookie-sign',
    'sign a session id with @fastify/cookie (HMAC-SHA-256)',
    () => sessionIds(INPUTS),
    (app) => (id) => app.signCookie(id),
  ),
  cookieTask('cookie-unsign', 'check a signed session id with @fastify/cookie', signedIds, (app) => (signed) => {
    const result = app.unsignCookie(signed);
    if (!result.valid) throw new Error('A cookie signed a moment ago was refused.');
    return result.value;
  }),
  unsignByHand,
  cookieTask(
    'cookie-parse',
    'parse a Cookie header that holds one signed session id',
    (app) => signedIds(app).map((signed) => `sessionId=${encodeURIComponent(signed)}`),
    (app) => (header) => app.parseCookie(header),
  ),
  cookieTask('cookie-serialize', 'write a Set-Cookie header for a signed session id', signedIds, (app) => {
    const expires = new Date(Date.now() + 1_800_000);
    return (signed) =>
      app.serializeCookie('sessionId', signed, { path: '/', httpOnly: true, secure: true, sameSite: 'lax', expires });
  }),
];
