/** A server's work with a session between the store and the handler. */
import { createHash, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { type StoredSession, sessions } from '../inputs.ts';
import { cycle, INPUTS, type MicroTask } from '../task.ts';

type Stringify = (value: unknown, replacer: (this: unknown, key: string, value: unknown) => unknown) => string;

/** safe-stable-stringify as @fastify/session resolves and configures it, so that the same version is timed. */
function sessionStringifier(): Stringify {
  const fromSession = createRequire(createRequire(import.meta.url).resolve('@fastify/session'));
  const { configure } = fromSession('safe-stable-stringify') as { configure(options: { bigint: boolean }): Stringify };
  return configure({ bigint: false });
}

/** The plugin's private `hash` method: stable JSON without the session's own `cookie`, SHA-256, hex. */
function sessionHash(stringify: Stringify): (session: StoredSession) => string {
  return (session) => {
    const text = stringify(session, function (key, value) {
      return this === session && key === 'cookie' ? undefined : value;
    });
    return createHash('sha256').update(text, 'utf8').digest('hex');
  };
}

/** Creates ids as the plugin does: from random bytes drawn from the system for 128 ids at a time. */
function idMaker(): () => string {
  const bytes = 24;
  let pool = Buffer.alloc(0);
  let used = 0;
  return () => {
    if (used + bytes > pool.length) {
      pool = randomBytes(bytes * 128);
      used = 0;
    }
    const id = Buffer.allocUnsafe(bytes);
    pool.copy(id, 0, used, used + bytes);
    used += bytes;
    return id.toString('base64url');
  };
}

export const sessionTasks: readonly MicroTask[] = [
  {
    name: 'json-parse',
    title: 'JSON.parse of a stored session of about 220 B',
    needs: null,
    setup: (context) =>
      cycle(
        sessions(INPUTS).map((session) => JSON.stringify(session)),
        context,
        (text) => JSON.parse(text),
      ),
  },
  {
    name: 'json-stringify',
    title: 'JSON.stringify of a session of about 220 B',
    needs: null,
    setup: (context) => cycle(sessions(INPUTS), context, (session) => JSON.stringify(session)),
  },
  {
    name: 'session-hash',
    title: 'hash a session to see whether it changed, as @fastify/session does: stable JSON, then SHA-256',
    needs: null,
    setup: (context) => cycle(sessions(INPUTS), context, sessionHash(sessionStringifier())),
  },
  {
    name: 'uid',
    title: 'make a session id: 24 random bytes, base64url',
    needs: null,
    setup: (context) => cycle([null], context, idMaker(), 128),
  },
];
