/** Mutants of session ids: schemes whose ids are guessed, chosen by an attacker, kept over a login, or altered. */
import { createHash } from 'node:crypto';
import { redisOf } from '../../scheme.ts';
import { alsoAcceptsSession, idInCookie, issueAs } from '../lean-tools.ts';
import type { Mutant } from '../mutant.ts';

export const SESSION_ID_MUTANTS: readonly Mutant[] = [
  {
    name: 'counted-session-ids',
    arm: 'session-redis-lean',
    check: 19,
    hole: 'Session ids are sequential.',
    scheme(real, context) {
      const { client, prefix } = redisOf(context);
      return {
        ...real,
        async issue(...args) {
          const count = await client.incr(`${prefix}count`);
          return issueAs(String(count).padStart(43, '0'), real, context, args);
        },
      };
    },
  },
  {
    name: 'hashed-counter-ids',
    arm: 'session-redis-lean',
    check: 19,
    hole: 'Session ids are hashes of a counter: they look random, and anyone can compute the next.',
    scheme(real, context) {
      const { client, prefix } = redisOf(context);
      return {
        ...real,
        async issue(...args) {
          const count = await client.incr(`${prefix}count`);
          return issueAs(createHash('sha256').update(String(count)).digest('base64url'), real, context, args);
        },
      };
    },
  },
  {
    name: 'id-kept-at-login',
    arm: 'session-redis-lean',
    check: 20,
    hole: 'A login keeps the session id from before it.',
    scheme: (real, context) => ({
      ...real,
      async issue(...args) {
        const before = idInCookie(args[0], context);
        return before === null ? real.issue(...args) : issueAs(before, real, context, args);
      },
    }),
    alsoFails: {
      21: 'an id that was planted in the browser is kept, too',
      68: 'who planted the id knows the CSRF token that belongs to it',
    },
  },
  {
    name: 'old-session-lives-on',
    arm: 'session-redis-lean',
    check: 20,
    hole: 'A new login leaves the previous session alive.',
    scheme: (real) => ({
      ...real,
      issue: (request, reply, user) => {
        // The scheme ends the session of the cookie that it receives.
        delete request.headers.cookie;
        return real.issue(request, reply, user);
      },
    }),
  },
  {
    name: 'planted-id-adopted',
    arm: 'session-redis-lean',
    check: 21,
    hole: 'A session id that the server never issued is adopted at login.',
    scheme(real, context) {
      const { client, prefix } = redisOf(context);
      const adoptedKey = `${prefix}adopted`;
      const lenient = alsoAcceptsSession(real, context, async (request) => {
        const sessionId = idInCookie(request, context);
        return sessionId !== null && (await client.sismember(adoptedKey, sessionId)) === 1 ? sessionId : null;
      });
      return {
        ...lenient,
        async issue(...args) {
          const planted = idInCookie(args[0], context);
          if (planted === null) return real.issue(...args);
          await client.sadd(adoptedKey, planted);
          return issueAs(planted, real, context, args);
        },
      };
    },
    alsoFails: {
      20: 'the adopted id stays the same after the login',
      68: 'who planted the id knows the CSRF token that belongs to it',
    },
  },
  {
    name: 'cookie-signature-unchecked',
    arm: 'session-redis-lean',
    check: 22,
    hole: 'The signature of the cookie is removed and not compared.',
    scheme: (real, context) => alsoAcceptsSession(real, context, async (request) => idInCookie(request, context)),
    alsoFails: { 69: 'no signature is compared, so a removed key does not matter' },
  },
];
