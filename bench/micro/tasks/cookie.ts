/** Cookies through @fastify/cookie's own functions, as in a request; and a signature checked by hand. */
import fastifyCookie from '@fastify/cookie';
import fastify, { type FastifyInstance } from 'fastify';
import { hmacKey, sessionIds } from '../inputs.ts';
import { cycle, cycleVerifying, INPUTS, type MicroTask, type TaskContext } from '../task.ts';
import { signatureChecker, signedText, textOf } from './by-hand.ts';

/** The plugin loads its parser when it is registered, so it is accessed through an application that never listens. */
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
    needs: null,
    setup: async (context: TaskContext) => {
      const app = await application();
      return { ...cycle(inputs(app), context, operation(app)), teardown: () => app.close() };
    },
  };
}

const signedIds = (app: FastifyInstance) => sessionIds(INPUTS).map((id) => app.signCookie(id));

const unsignByHand: MicroTask = {
  name: 'cookie-unsign-by-hand',
  title: 'check a signed session id with two one-shot SHA-256 (hand-tuned session)',
  needs: null,
  setup: (context) => {
    const key = hmacKey();
    const signed = sessionIds(INPUTS).map((id) => signedText(key, id));
    const matches = signatureChecker(key);
    return cycleVerifying(signed, context, (cookie) => textOf(cookie, matches), underAnother);
  },
};

const unsignByPlugin: MicroTask = {
  name: 'cookie-unsign',
  title: 'check a signed session id with @fastify/cookie',
  needs: null,
  setup: async (context) => {
    const app = await application();
    const unsign = (signed: string) => {
      const result = app.unsignCookie(signed);
      if (!result.valid) throw new Error('A newly signed cookie was rejected.');
      return result.value;
    };
    return { ...cycleVerifying(signedIds(app), context, unsign, underAnother), teardown: () => app.close() };
  },
};

/** The id of one with the signature of the other. */
function underAnother(one: string, other: string): string[] {
  return [`${one.slice(0, one.lastIndexOf('.'))}${other.slice(other.lastIndexOf('.'))}`];
}

export const cookieTasks: readonly MicroTask[] = [
  cookieTask(
    'cookie-sign',
    'sign a session id with @fastify/cookie (HMAC-SHA-256)',
    () => sessionIds(INPUTS),
    (app) => (id) => app.signCookie(id),
  ),
  unsignByPlugin,
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
