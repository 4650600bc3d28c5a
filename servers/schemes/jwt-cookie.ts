/**
 * The token in a cookie that scripts cannot read: the browser's protections are had back, and with them the need for one
 * against CSRF. Still stateless: logout takes the cookie from the browser, a copy of it stays valid until it expires.
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
    // The cookie alone: a token that came to light elsewhere is not taken in a header.
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
