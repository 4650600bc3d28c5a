/** Mutants of browser rules: pages of other sites, caches between client and server, and headers of replies. */
import type { FastifyRequest } from 'fastify';
import { ROUTES } from '../../contract.ts';
import { createCsrf } from '../../csrf.ts';
import { cookieAttributes, sessionCookieName } from '../../schemes/session-cookie.ts';
import { type Mutant, withScope } from '../mutant.ts';

export const BROWSER_MUTANTS: readonly Mutant[] = [
  {
    name: 'public-reply-may-be-stored',
    arm: 'session-redis-rolling',
    check: 39,
    hole: 'A public reply sets the cookie of a logged-in user, and a cache may store it.',
    scheme: (real) =>
      withScope(real, (scope) => {
        scope.addHook('onSend', (request, reply, payload, done) => {
          if (request.url === ROUTES.public.path) reply.removeHeader('cache-control');
          done(null, payload);
        });
      }),
  },
  {
    name: 'cookie-for-anybody',
    arm: 'session-redis-rolling',
    check: 63,
    hole: 'A public reply begins a session, so anonymous visitors fill the store.',
    scheme: (real, { settings }) =>
      withScope(real, (scope) => {
        scope.addHook('onSend', (request, reply, payload, done) => {
          if (request.url === ROUTES.public.path && request.headers.cookie === undefined) {
            reply.header('set-cookie', `${sessionCookieName(settings)}=new; ${cookieAttributes(settings)}`);
          }
          done(null, payload);
        });
      }),
  },
  headerDropped(
    'hsts-forgotten',
    'strict-transport-security',
    'Over TLS, replies do not ask browsers to stay with it.',
  ),
  headerDropped('sniffing-allowed', 'x-content-type-options', 'Browsers may guess the type of a reply.'),
  {
    name: 'csrf-unchecked',
    arm: 'session-redis-lean',
    check: 36,
    hole: 'The CSRF token is issued but never checked.',
    scheme: (real) => ({ ...real, verifyCsrf: null }),
    alsoFails: {
      40: 'the CSRF token of one session is accepted for another',
      68: 'the CSRF token of a replaced session is accepted',
    },
  },
  {
    name: 'text-parsed-as-json',
    arm: 'jwt-cookie',
    check: 36,
    hole: 'A body is parsed as JSON whatever its type, so a form can send one.',
    scheme: (real) =>
      withScope(real, (scope) => {
        scope.addContentTypeParser('text/plain', { parseAs: 'string' }, scope.getDefaultJsonParser('error', 'error'));
      }),
  },
  {
    name: 'sibling-needs-no-csrf-token',
    arm: 'jwt-cookie',
    check: 36,
    hole: 'A request that the browser calls same-site needs no CSRF token, so every subdomain can forge one.',
    scheme: (real) => ({
      ...real,
      verifyCsrf(request, reply, done) {
        if (request.headers['sec-fetch-site'] === 'same-site') done();
        else real.verifyCsrf?.(request, reply, done);
      },
    }),
  },
  {
    name: 'basic-needs-no-csrf-token',
    arm: 'dual',
    check: 36,
    hole: 'Any Authorization header is taken for a token, which needs no CSRF token; the cookie authenticates.',
    scheme(real) {
      const freed = new WeakSet<FastifyRequest>();
      return {
        ...real,
        authenticate(request, reply, done) {
          if (/^Basic /i.test(request.headers.authorization ?? '')) {
            freed.add(request);
            delete request.headers.authorization;
          }
          real.authenticate(request, reply, done);
        },
        verifyCsrf(request, reply, done) {
          if (freed.has(request)) done();
          else real.verifyCsrf?.(request, reply, done);
        },
      };
    },
  },
  {
    name: 'csrf-token-kept-at-login',
    arm: 'session-sealed',
    check: 68,
    hole: 'Login keeps the id that the browser carried, so who planted it knows the CSRF token.',
    scheme: (real, { secrets }) => ({
      ...real,
      async issue(request, reply, user) {
        const before = request.sealed.get('id');
        const credential = await real.issue(request, reply, user);
        if (before === undefined) return credential;
        request.sealed.set('id', before);
        return { csrfToken: createCsrf(secrets).token(before) };
      },
    }),
  },
  {
    name: 'logout-by-get',
    arm: 'session-redis-lean',
    check: 37,
    hole: 'A link or an image can log somebody out.',
    scheme: (real) =>
      withScope(real, (scope) => {
        scope.get('/logout', { onRequest: real.authenticate }, async (request, reply) => {
          await real.end(request, reply);
          return reply.code(204).send();
        });
      }),
  },
  {
    name: 'any-origin-reflected',
    arm: 'session-redis-lean',
    check: 38,
    hole: 'Every origin is allowed, with credentials.',
    scheme: (real) =>
      withScope(real, (scope) => {
        scope.addHook('onRequest', (request, reply, done) => {
          const { origin } = request.headers;
          if (origin !== undefined) {
            reply.header('access-control-allow-origin', origin).header('access-control-allow-credentials', 'true');
          }
          done();
        });
      }),
  },
  {
    name: 'answers-may-be-stored',
    arm: 'jwt-hs256',
    check: 39,
    hole: 'Authenticated replies do not forbid caching.',
    scheme: (real) =>
      withScope(real, (scope) => {
        scope.addHook('onSend', (_request, reply, payload, done) => {
          reply.removeHeader('cache-control');
          done(null, payload);
        });
      }),
  },
];

function headerDropped(name: string, header: string, hole: string): Mutant {
  return {
    name,
    arm: 'session-redis-lean',
    check: 64,
    hole,
    scheme: (real) =>
      withScope(real, (scope) => {
        scope.addHook('onSend', (_request, reply, payload, done) => {
          reply.removeHeader(header);
          done(null, payload);
        });
      }),
  };
}
