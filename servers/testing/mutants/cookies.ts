/** Mutants of cookies and browser rules: schemes and applications with one vulnerability each. */
import type { FastifyRequest } from 'fastify';
import { ROUTES } from '../../contract.ts';
import { createCsrf } from '../../csrf.ts';
import { cookieAttributes, expiredCookie, sessionCookieName } from '../../schemes/session-cookie.ts';
import { type Mutant, withScope } from '../mutant.ts';

export const COOKIE_MUTANTS: readonly Mutant[] = [
  {
    name: 'cookie-without-secure',
    arm: 'session-redis-lean',
    check: 32,
    hole: 'Behind TLS the cookie is set as over plain HTTP.',
    settings: { secureCookies: false },
  },
  {
    name: 'deletion-without-secure',
    arm: 'session-redis-lean',
    check: 32,
    hole: 'Logout deletes the cookie without Secure, so browsers keep a __Host- cookie.',
    scheme: (real, { settings }) => ({
      ...real,
      async end(request, reply) {
        await real.end(request, reply);
        const plain = cookieAttributes(settings).replace(/; Secure/i, '');
        reply.removeHeader('set-cookie');
        reply.header('set-cookie', expiredCookie(sessionCookieName(settings), plain));
      },
    }),
  },
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
  attributeDropped('cookie-without-httponly', 33, /; HttpOnly/i, 'Scripts can read the cookie.'),
  {
    name: 'cookie-in-the-body',
    arm: 'session-redis-lean',
    check: 33,
    hole: 'The login reply contains the value of the cookie, where scripts can read it.',
    scheme: (real) => ({
      ...real,
      async issue(request, reply, user) {
        const credential = await real.issue(request, reply, user);
        const [cookie] = [reply.getHeader('set-cookie')].flat();
        const value = /^[^=]+=([^;]+)/.exec(String(cookie))?.[1];
        return credential && value ? { ...credential, refreshToken: value } : credential;
      },
    }),
  },
  attributeDropped('cookie-without-samesite', 34, /; SameSite=\w+/i, 'The cookie has no SameSite attribute.'),
  {
    name: 'cookie-too-big',
    arm: 'session-redis-lean',
    check: 35,
    hole: 'A cookie is larger than browsers accept.',
    scheme: (real, { settings }) => ({
      ...real,
      async issue(request, reply, user) {
        const credential = await real.issue(request, reply, user);
        reply.header('set-cookie', `seen=${'x'.repeat(4_100)}${cookieAttributes(settings)}`);
        return credential;
      },
    }),
    alsoFails: { 23: 'logout does not delete that cookie', 32: 'that cookie has no prefix' },
  },
  {
    name: 'csrf-unchecked',
    arm: 'session-redis-lean',
    check: 36,
    hole: 'The CSRF token is issued but never checked.',
    scheme: (real) => ({ ...real, verifyCsrf: null }),
    alsoFails: { 40: 'the CSRF token of one session is accepted for another' },
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
  {
    name: 'cookies-take-turns',
    arm: 'session-redis-lean',
    check: 40,
    hole: 'Of two session cookies, sometimes one counts and sometimes the other.',
    scheme(real) {
      let turn = 0;
      return {
        ...real,
        authenticate(request, reply, done) {
          const cookies = (request.headers.cookie ?? '').split('; ');
          turn += 1;
          if (cookies.length > 1 && turn % 2 === 0) request.headers.cookie = cookies.toReversed().join('; ');
          real.authenticate(request, reply, done);
        },
      };
    },
  },
  {
    name: 'cookies-add-up',
    arm: 'session-redis-lean',
    check: 40,
    hole: 'With two session cookies the identity is the first one’s, with the roles of both.',
    scheme: (real) => ({
      ...real,
      authenticate(request, reply, done) {
        const cookies = (request.headers.cookie ?? '').split('; ');
        if (cookies.length < 2) return real.authenticate(request, reply, done);
        const original = request.headers.cookie;
        request.headers.cookie = cookies.at(-1);
        real.authenticate(request, reply, () => {
          const roles = request.identity?.roles ?? [];
          request.headers.cookie = original;
          real.authenticate(request, reply, (error) => {
            if (error === undefined && request.identity !== null) {
              request.identity = { ...request.identity, roles: [...request.identity.roles, ...roles] };
            }
            done(error);
          });
        });
      },
    }),
  },
  {
    name: 'malformed-cookie-is-a-500',
    arm: 'session-redis-lean',
    check: 41,
    hole: 'A cookie with a broken percent-encoding causes an internal error.',
    scheme: (real) => ({
      ...real,
      authenticate(request, reply, done) {
        decodeURIComponent(request.headers.cookie ?? '');
        real.authenticate(request, reply, done);
      },
    }),
    alsoFails: { 49: 'a malformed cookie is answered with a 500' },
  },
  {
    name: 'malformed-token-is-a-500',
    arm: 'jwt-hs256',
    check: 41,
    hole: 'A malformed bearer token causes an internal error.',
    scheme: (real) => ({
      ...real,
      authenticate(request, reply, done) {
        const [, payload] = (request.headers.authorization ?? '').split('.');
        if (payload !== undefined) JSON.parse(Buffer.from(payload, 'base64url').toString());
        real.authenticate(request, reply, done);
      },
    }),
    alsoFails: { 49: 'a malformed token is answered with a 500' },
  },
];

function attributeDropped(name: string, check: number, attribute: RegExp, hole: string): Mutant {
  return {
    name,
    arm: 'session-redis-lean',
    check,
    hole,
    scheme: (real) =>
      withScope(real, (scope) => {
        scope.addHook('onSend', (_request, reply, payload, done) => {
          const cookies = [reply.getHeader('set-cookie') ?? []]
            .flat()
            .map((line) => String(line).replace(attribute, ''));
          reply.removeHeader('set-cookie');
          if (cookies.length > 0) reply.header('set-cookie', cookies);
          done(null, payload);
        });
      }),
  };
}

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
