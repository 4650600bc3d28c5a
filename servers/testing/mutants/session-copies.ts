/** Mutants of sessions with a copy at the client, with one vulnerability each. */
import type { FastifyRequest } from 'fastify';
import type { Scheme, SchemeContext } from '../../scheme.ts';
import { refuseDisabled } from '../../schemes/recheck.ts';
import { cookieAttributes, expiredCookie, readCookie, sessionCookieName } from '../../schemes/session-cookie.ts';
import { redisLean } from '../../schemes/session-lean.ts';
import { copyCookieName } from '../../schemes/sessions/cookie-cache.ts';
import { readContent, type SessionCopy, sessionCopies } from '../../schemes/sessions/session-copy.ts';
import { idInCookie } from '../lean-tools.ts';
import type { Mutant } from '../mutant.ts';

const copyIn = (request: FastifyRequest, { settings }: SchemeContext) =>
  readCookie(request.headers.cookie, copyCookieName(sessionCookieName(settings))) ?? '';

/** Wraps a scheme so that it trusts the copy that `open` returns, if it is young enough. */
function believing(
  real: Scheme,
  context: SchemeContext,
  open: (request: FastifyRequest) => SessionCopy | null,
): Scheme {
  const { settings, now } = context;
  return {
    ...real,
    authenticate(request, reply, done) {
      const copy = open(request);
      const sessionId = idInCookie(request, context);
      if (copy === null || sessionId === null || now() - copy.askedAtMs >= settings.cookieCacheMs)
        return real.authenticate(request, reply, done);
      request.identity = copy.user;
      request.leanSessionId = sessionId;
      request.leanEndsAtMs = copy.endsAtMs;
      done();
    },
  };
}

/** Wraps a scheme so that a copy past half of its life is renewed, from itself if the store fails. */
function renewingUnasked(real: Scheme, context: SchemeContext): Scheme {
  const { secrets, settings, now } = context;
  const copies = sessionCopies(secrets);
  const store = redisLean(context);
  const sessionName = sessionCookieName(settings);
  return {
    ...real,
    authenticate(request, reply, done) {
      real.authenticate(request, reply, (error) => {
        const session = readCookie(request.headers.cookie, sessionName) ?? '';
        const copy = copies.open(session, copyIn(request, context));
        if (error !== undefined || copy === null || now() - copy.askedAtMs < settings.cookieCacheMs / 2)
          return done(error);
        const pass = () => done();
        store.read(request.leanSessionId, pass, () => {
          const renewed = copies.seal(session, { ...copy, askedAtMs: now() });
          reply.header('set-cookie', `${copyCookieName(sessionName)}=${renewed}${cookieAttributes(settings)}`);
          done();
        });
      });
    },
  };
}

const UNNOTICED = {
  20: 'the end of the previous session at a new login is not noticed',
  23: 'a logout is not noticed',
  24: 'a logout everywhere is not noticed',
  25: 'the disabling of a user is not noticed',
  27: 'the idle timeout of a session is not noticed',
  50: 'an outage is not noticed',
  67: 'a logout is not noticed',
  75: 'the loss of a session is not noticed',
};

export const SESSION_COPY_MUTANTS: readonly Mutant[] = [
  {
    name: 'copy-signature-unchecked',
    arm: 'session-cookie-cache',
    check: 74,
    hole: 'The copy of a session is trusted whatever its signature, so a client may write its own.',
    scheme: (real, context) =>
      believing(real, context, (request) => {
        const copy = copyIn(request, context);
        return readContent(copy.slice(0, copy.lastIndexOf('.')));
      }),
    alsoFails: {
      21: 'an invented session cookie is believed where the copy is',
      22: 'an altered session cookie is believed where the copy is',
      40: 'the copy decides for another cookie',
      69: 'a copy that an unknown key has signed is believed',
      90: 'a copy is believed beyond the end of its session',
    },
  },
  {
    name: 'copy-of-any-session',
    arm: 'session-cookie-cache',
    check: 74,
    hole: 'A copy is signed without the session that it is of, so it works with the cookie of any other.',
    scheme(real, context) {
      const copies = sessionCopies(context.secrets);
      const name = copyCookieName(sessionCookieName(context.settings));
      const attributes = cookieAttributes(context.settings);
      return believing(
        {
          ...real,
          async issue(request, reply, user) {
            const credential = await real.issue(request, reply, user);
            const [session] = [reply.getHeader('set-cookie')].flat();
            if (credential === null || session === undefined) return credential;
            reply.removeHeader('set-cookie');
            const { leanEndsAtMs: endsAtMs } = request;
            const copy = copies.seal('', { user, endsAtMs, askedAtMs: context.now() });
            reply.header('set-cookie', [String(session), `${name}=${copy}${attributes}`]);
            return credential;
          },
        },
        context,
        (request) => copies.open('', copyIn(request, context)),
      );
    },
    alsoFails: {
      21: 'an invented session cookie is believed where the copy is',
      22: 'an altered session cookie is believed where the copy is',
      40: 'the copy decides for another cookie',
      90: 'a copy is believed beyond the end of its session',
    },
  },
  {
    name: 'copy-never-too-old',
    arm: 'session-cookie-cache',
    check: 31,
    hole: 'The copy of a session is trusted for longer than the arm declares.',
    settings: { cookieCacheMs: 3_600_000, idleTimeoutMs: 3_600_000 },
    alsoFails: UNNOTICED,
  },
  {
    name: 'copy-renewed-unasked',
    arm: 'session-cookie-cache',
    check: 50,
    hole: 'While the store does not answer, an old copy is renewed without it, again and again.',
    scheme: renewingUnasked,
    alsoFails: { 65: 'the copy is renewed during the stall' },
  },
  {
    name: 'copy-asked-for-critical',
    arm: 'session-cookie-cache',
    check: 55,
    hole: 'A critical operation believes the copy, so a revoked session is accepted until the copy is too old.',
    scheme: (real, { accounts }) => ({ ...real, recheck: refuseDisabled(accounts) }),
    alsoFails: { 65: 'the copy is believed before, during and after a stall' },
  },
  {
    name: 'copy-left-at-logout',
    arm: 'session-cookie-cache',
    check: 23,
    hole: 'Logout ends the session and deletes its cookie, but leaves the copy in the browser.',
    scheme: (real, context) => ({
      ...real,
      async end(request, reply) {
        const { settings } = context;
        if (request.identity !== null) await redisLean(context).end(request.identity.id, request.leanSessionId);
        reply.header('set-cookie', expiredCookie(sessionCookieName(settings), cookieAttributes(settings)));
      },
    }),
  },
];
