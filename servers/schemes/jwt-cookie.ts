/**
 * The token in a cookie that scripts cannot read: this restores the browser's protections, and with them the need for CSRF
 * tokens. It is still stateless: logout deletes the cookie in the browser, but a copy stays valid until it expires.
 */
import { CSRF_HEADER } from '../contract.ts';
import { createCsrf } from '../csrf.ts';
import { Forbidden } from '../errors.ts';
import type { SchemeFactory } from '../scheme.ts';
import { accessTokens } from './access-tokens.ts';
import { cookieAttributes, expiredCookie, readCookie } from './session-cookie.ts';

export const cookieTokens: SchemeFactory = ({ secrets, settings }) => {
  const cookieName = settings.secureCookies ? '__Host-token' : 'token';
  const attributes = cookieAttributes(settings);
  const csrf = createCsrf(secrets);
  const tokens = accessTokens({
    algorithm: 'HS256',
    secrets,
    lifetimeSeconds: settings.tokenLifetimeSeconds,
    // Only the cookie counts: a token that leaked elsewhere is not accepted in a header.
    extractToken: (request) => readCookie(request.headers.cookie, cookieName) ?? undefined,
  });

  return {
    challenge: null,
    coversPublicRoutes: false,
    install: tokens.install,

    async issue(_request, reply, user) {
      const { token, jti } = tokens.issue(user);
      reply.header('set-cookie', `${cookieName}=${token}; Max-Age=${tokens.expiresInSeconds}${attributes}`);
      return { csrfToken: csrf.token(jti), expiresInSeconds: tokens.expiresInSeconds };
    },

    authenticate: tokens.authenticate,

    verifyCsrf(request, _reply, done) {
      if (csrf.matches(request.user.jti, request.headers[CSRF_HEADER])) done();
      else done(new Forbidden(`The ${CSRF_HEADER} header must hold the csrfToken of the login reply.`));
    },

    recheck: null,
    refresh: null,
    async end(_request, reply) {
      reply.header('set-cookie', expiredCookie(cookieName, attributes));
    },
    async endAll(_request, reply) {
      reply.header('set-cookie', expiredCookie(cookieName, attributes));
    },
    terminate: async () => {},
  };
};
