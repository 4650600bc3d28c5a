/** Mutants of cookies: their attributes and size, and two of one name. */
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
    alsoFails: {
      39: 'what it hands out looks like a refresh token, and the refusal of an unknown route may be stored',
      69: 'what it hands out as a refresh token is none',
    },
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
