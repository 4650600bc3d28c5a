/** Mutants of login: applications that allow guesses, or reveal who has an account. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { UserRecord } from '../../configuration.ts';
import { HttpError, Unauthenticated } from '../../errors.ts';
import type { Scheme } from '../../scheme.ts';
import { beforeLogin } from '../login-tools.ts';
import { type Mutant, withScope } from '../mutant.ts';

const knows = (users: readonly UserRecord[], name: string) => users.some(({ username }) => username === name);

type CreateLimit = FastifyInstance['createRateLimit'];

/** Rate limits that count a failure, but never report earlier ones. */
function unrefused(scope: FastifyInstance): CreateLimit {
  const create = scope.createRateLimit.bind(scope);
  return (options) => {
    const count = create(options);
    return async (request, given) => {
      const found = await count(request, given);
      return given?.increment === false || found.isAllowed ? found : { ...found, isExceeded: false };
    };
  };
}

/** Rate limits that count an address by the header in which a proxy would name it. */
function byClaimedAddress(scope: FastifyInstance): CreateLimit {
  const create = scope.createRateLimit.bind(scope);
  return (options = {}) => {
    const { keyGenerator } = options;
    if (keyGenerator === undefined) return create(options);
    return create({
      ...options,
      async keyGenerator(request: FastifyRequest) {
        const key = String(await keyGenerator(request));
        const claimed = request.headers['x-forwarded-for'];
        return key.startsWith('address:') && claimed !== undefined ? `address:${claimed}` : key;
      },
    });
  };
}

/** Wraps a scheme so that its limit of logins, counted in Redis, is created by another function. */
function withLimits(real: Scheme, limits: (scope: FastifyInstance) => CreateLimit): Scheme {
  return withScope(real, (scope) => {
    const register = scope.register.bind(scope) as (plugin: unknown, options?: object) => PromiseLike<unknown>;
    Object.assign(scope, {
      register: async (plugin: unknown, options?: object) => {
        await register(plugin, options);
        if (options && 'nameSpace' in options) Object.assign(scope, { createRateLimit: limits(scope) });
      },
    });
  });
}

export const LOGIN_MUTANTS: readonly Mutant[] = [
  {
    name: 'logins-unlimited',
    arm: 'jwt-hs256',
    check: 47,
    hole: 'Passwords can be guessed without limit.',
    settings: { failedLoginsPerUser: 1_000_000, failedLoginsPerAddress: 1_000_000 },
    alsoFails: {
      57: 'no failed login is counted, by name or by address',
      66: 'no failed login is counted',
    },
  },
  {
    name: 'logins-limited-per-replica',
    arm: 'session-redis-lean',
    check: 47,
    hole: 'Each replica counts its own failed logins, so a balancer multiplies the guesses.',
    scheme: (real) =>
      withScope(real, (scope) => {
        const register = scope.register.bind(scope) as (plugin: unknown, options?: object) => unknown;
        Object.assign(scope, {
          // Only the rate-limit plugin passes a key prefix to the store.
          register: (plugin: unknown, options?: object) =>
            register(plugin, options && 'nameSpace' in options ? { global: false } : options),
        });
      }),
    alsoFails: {
      57: 'the limit by address has the same counter',
      66: 'simultaneous guesses are counted by each replica separately',
    },
  },
  {
    name: 'spaces-buy-guesses',
    arm: 'jwt-hs256',
    check: 47,
    hole: 'A name is trimmed before the user is looked up, but failures are counted by the name as it was sent.',
    context(context) {
      const { authenticate } = context.directory;
      // Changed in place, because the login route uses the same directory.
      Object.assign(context.directory, {
        authenticate: (name: string, password: string) => authenticate(name.trim(), password),
      });
      return context;
    },
  },
  {
    name: 'address-unlimited',
    arm: 'session-redis-lean',
    check: 57,
    hole: 'One address may try one password with every name.',
    settings: { failedLoginsPerAddress: 1_000_000 },
  },
  {
    name: 'addresses-as-claimed',
    arm: 'session-redis-lean',
    check: 57,
    hole: 'Failures are counted by the address that a client claims in a header, although no proxy is trusted.',
    scheme: (real) => withLimits(real, byClaimedAddress),
  },
  {
    name: 'unknown-names-uncounted',
    arm: 'session-redis-lean',
    check: 58,
    hole: 'Failed logins of unknown names are not counted, so a refusal reveals who exists.',
    scheme: (real, _context, users) =>
      beforeLogin(real, (body) => {
        if (!knows(users, body.username)) Object.assign(body, { username: `none-${Math.random()}` });
      }),
  },
  {
    name: 'guesses-at-once-unlimited',
    arm: 'session-redis-lean',
    check: 66,
    hole: 'The limit is looked at before the password check only, so simultaneous guesses all pass it.',
    scheme: (real) => withLimits(real, unrefused),
  },
  {
    name: 'unknown-user-by-status',
    arm: 'jwt-hs256',
    check: 48,
    hole: 'A login of an unknown user returns 404.',
    scheme: (real, _context, users) =>
      beforeLogin(real, ({ username }) => {
        if (!knows(users, username)) throw new HttpError(404, 'The username or password is wrong.');
      }),
    alsoFails: {
      57: 'guesses at unknown names are answered by the mutant, which counts none',
      58: 'guesses at unknown names are never refused for their number',
    },
  },
  {
    name: 'unknown-user-by-words',
    arm: 'jwt-hs256',
    check: 48,
    hole: 'The login reveals whether the name or the password was wrong.',
    scheme: (real, _context, users) =>
      beforeLogin(real, ({ username }) => {
        if (!knows(users, username)) throw new Unauthenticated('There is no such user.');
      }),
    alsoFails: {
      57: 'guesses at unknown names are answered by the mutant, which counts none',
      58: 'guesses at unknown names are never refused for their number',
    },
  },
  {
    name: 'unknown-user-by-time',
    arm: 'jwt-hs256',
    check: 48,
    hole: 'No password is hashed for an unknown user, so the answer comes sooner.',
    context(context, users) {
      const { authenticate } = context.directory;
      Object.assign(context.directory, {
        authenticate: async (username: string, password: string) =>
          knows(users, username) ? authenticate(username, password) : null,
      });
      return context;
    },
  },
];
