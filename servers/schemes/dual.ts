/**
 * Sessions for the web and tokens for the API in one application. The login body chooses one of them; after that each request
 * is authenticated by what it carries, and the handlers are the same. Both are checked in Redis, so both can be revoked at
 * once, and logout-all or disabling a user ends both kinds.
 */
import type { FastifyRequest } from 'fastify';
import type { LoginBody } from '../contract.ts';
import type { SchemeFactory } from '../scheme.ts';
import { denylistTokens } from './jwt-denylist.ts';
import { leanSessions } from './session-lean.ts';

export const dual: SchemeFactory = (context) => {
  const web = leanSessions(context);
  const api = denylistTokens(context);
  // A request with a token is judged by the token alone: if it is refused, the cookie is not tried, so the two are
  // never mixed.
  const kindOf = (request: FastifyRequest) => (request.headers.authorization === undefined ? web : api);

  return {
    challenge: api.challenge,
    coversPublicRoutes: false,

    async install(scope) {
      await web.install(scope);
      await api.install(scope);
    },

    issue(request, reply, user) {
      const { credential } = request.body as LoginBody;
      return (credential === 'token' ? api : web).issue(request, reply, user);
    },

    authenticate: (request, reply, done) => kindOf(request).authenticate(request, reply, done),

    // Browsers do not send a token by themselves, so a request that carries one needs no CSRF token.
    verifyCsrf(request, reply, done) {
      const guard = kindOf(request).verifyCsrf;
      if (guard === null) done();
      else guard(request, reply, done);
    },

    recheck: web.recheck,
    refresh: null,
    end: (request, reply) => kindOf(request).end(request, reply),
    async endAll(request, reply) {
      await kindOf(request).endAll(request, reply);
      if (request.identity !== null) await (kindOf(request) === web ? api : web).terminate(request.identity.id);
    },
    async terminate(userId) {
      await web.terminate(userId);
      await api.terminate(userId);
    },
  };
};
