/** Sessions by @fastify/session. Options choose the store and whether the plugin keeps its defaults. */
import cookiePlugin from '@fastify/cookie';
import sessionPlugin from '@fastify/session';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CSRF_HEADER } from '../contract.ts';
import { createCsrf } from '../csrf.ts';
import { Forbidden, Unauthenticated } from '../errors.ts';
import { redisOf, type Scheme, type SchemeContext, type SchemeFactory } from '../scheme.ts';
import { memorySessionStore } from '../stores/memory-session-store.ts';
import type { SessionCommands } from '../stores/session-commands.ts';
import { redisSessionStore, type SessionStore } from '../stores/session-store.ts';
import { refuseDisabled } from './recheck.ts';
import { cookieOptions, sessionCookieName } from './session-cookie.ts';

export interface SessionPluginOptions {
  /**
   * True keeps the plugin's default of `rolling`, and registers it for the whole application, as in its
   * documentation: every request of a logged-in user, including public routes, writes the session back and sets the
   * cookie. The default of `saveUninitialized` is never kept: each anonymous request would store a session, so
   * anybody could fill Redis.
   */
  readonly pluginDefaults: boolean;
  /** How sessions in Redis are read and written; through ioredis if absent. */
  readonly commands?: SessionCommands;
}

function sessionPluginScheme(context: SchemeContext, store: SessionStore, options: SessionPluginOptions): Scheme {
  const { secrets, settings, accounts, now } = context;
  const csrf = createCsrf(secrets);
  const previousKey = secrets.previous?.cookieKey;
  const cookieName = sessionCookieName(settings);
  const cookie = cookieOptions(settings);

  /** Ends the session for the plugin too, which would otherwise write it back at the end of the request. */
  async function forget(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await request.session.destroy();
    reply.clearCookie(cookieName, cookie);
  }

  return {
    challenge: null,
    coversPublicRoutes: options.pluginDefaults,

    async install(scope) {
      await scope.register(cookiePlugin);
      await scope.register(sessionPlugin, {
        // The first key signs; signatures of every key are accepted.
        secret: previousKey === undefined ? secrets.cookieKey : [secrets.cookieKey, previousKey],
        cookieName,
        cookie,
        store,
        rolling: options.pluginDefaults,
        saveUninitialized: false,
      });
    },

    async issue(request, _reply, user) {
      const previous = request.session.user;
      if (previous !== undefined) await store.end(previous.id, request.session.sessionId);
      // A new id at login makes an id that an attacker planted before it worthless (session fixation).
      await request.session.regenerate();
      const { session } = request;
      session.user = user;
      session.endsAtMs = now() + settings.absoluteTimeoutMs;
      if (!(await store.enter(user.id, session.sessionId, session.endsAtMs))) {
        await store.end(user.id, session.sessionId);
        await session.destroy();
        return null;
      }
      await session.save();
      return { csrfToken: csrf.token(session.sessionId) };
    },

    authenticate(request, _reply, done) {
      const { user } = request.session;
      if (user === undefined) return done(new Unauthenticated());
      request.identity = user;
      // The plugin clears a cookie signed with the previous key, unless the session is saved, which signs it again.
      if (previousKey !== undefined && request.cookies[cookieName] !== request.session.encryptedSessionId)
        request.session.save(done);
      else done();
    },

    verifyCsrf(request, _reply, done) {
      if (csrf.matches(request.session.sessionId, request.headers[CSRF_HEADER])) done();
      else done(new Forbidden(`The ${CSRF_HEADER} header must hold the csrfToken of the login reply.`));
    },

    recheck: refuseDisabled(accounts),
    refresh: null,

    async end(request, reply) {
      const { user, sessionId } = request.session;
      if (user !== undefined) await store.end(user.id, sessionId);
      await forget(request, reply);
    },
    async endAll(request, reply) {
      const { user } = request.session;
      if (user !== undefined) await store.endAllOf(user.id);
      await forget(request, reply);
    },
    terminate: (userId) => store.endAllOf(userId),
  };
}

/** Sessions in Redis. A request costs GET and SET with the plugin's defaults, and one GETEX without. */
export function redisSessions(options: SessionPluginOptions): SchemeFactory {
  return (context) => {
    const store = redisSessionStore({
      redis: redisOf(context),
      ...(options.commands === undefined ? {} : { commands: options.commands }),
      idleTimeoutMs: context.settings.idleTimeoutMs,
      readExtends: !options.pluginDefaults,
      now: context.now,
    });
    return sessionPluginScheme(context, store, options);
  };
}

/** Sessions in this process, unknown to other replicas. */
export function memorySessions(): SchemeFactory {
  return (context) => {
    const store = memorySessionStore({
      idleTimeoutMs: context.settings.idleTimeoutMs,
      now: context.now,
      isDisabled: context.accounts.isDisabled,
    });
    return sessionPluginScheme(context, store, { pluginDefaults: false });
  };
}
