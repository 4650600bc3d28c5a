/** Mutants of malformed credentials: servers that fail on them. */
import type { Mutant } from '../mutant.ts';

export const MALFORMED_MUTANTS: readonly Mutant[] = [
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
    alsoFails: { 49: 'a malformed cookie gets a 500' },
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
    alsoFails: { 49: 'a malformed token gets a 500' },
  },
];
