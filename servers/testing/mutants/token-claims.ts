/** Mutants of token claims: schemes that check audience, lifetime or content wrongly, or reveal too much. */
import { createHash } from 'node:crypto';
import type { Identity } from '../../contract.ts';
import { alsoAccepts, claimsFit, isSigned, readBearer, signToken } from '../jwt-tools.ts';
import type { Mutant } from '../mutant.ts';

/** A token that survives its expiry also survives logout and the absolute timeout: nothing else ends it. */
const ENDED_BY_EXPIRY = Object.fromEntries(
  [23, 24, 25, 28].map((check) => [check, 'its expiry is all that ends a token']),
);

/** Checks that log in several users within a second and compare their identities. */
const MIXED_UP = Object.fromEntries(
  [20, 23, 24, 25, 26, 28, 29, 31, 37, 41, 42, 52, 55].map((check) => [
    check,
    'users who log in together are mixed up',
  ]),
);

export const CLAIM_MUTANTS: readonly Mutant[] = [
  {
    name: 'expiry-ignored',
    arm: 'jwt-hs256',
    check: 12,
    hole: 'A token that has expired is accepted.',
    scheme: (real, context) =>
      alsoAccepts(
        real,
        (token) =>
          typeof token.claims.exp === 'number' &&
          token.header.crit === undefined &&
          isSigned(token, context) &&
          claimsFit(token.claims, context.now(), ['exp']),
      ),
    alsoFails: {
      17: 'an expired token is accepted, whether verified before or not',
      ...ENDED_BY_EXPIRY,
    },
  },
  {
    name: 'expiry-not-required',
    arm: 'jwt-hs256',
    check: 12,
    hole: 'A token without an expiry never expires.',
    scheme: (real, context) =>
      alsoAccepts(
        real,
        (token) =>
          token.claims.exp === undefined &&
          token.header.crit === undefined &&
          isSigned(token, context) &&
          claimsFit(token.claims, context.now(), ['exp']),
      ),
  },
  {
    name: 'not-before-ignored',
    arm: 'jwt-hs256',
    check: 13,
    hole: 'A token is accepted before its not-before time.',
    scheme: (real, context) =>
      alsoAccepts(
        real,
        (token) =>
          token.claims.nbf !== undefined && isSigned(token, context) && claimsFit(token.claims, context.now(), ['nbf']),
      ),
  },
  {
    name: 'issuer-ignored',
    arm: 'jwt-hs256',
    check: 14,
    hole: 'A token of any issuer is accepted.',
    scheme: (real, context) =>
      alsoAccepts(
        real,
        (token) =>
          token.header.crit === undefined &&
          isSigned(token, context) &&
          claimsFit(token.claims, context.now(), ['iss']),
      ),
  },
  {
    name: 'audience-ignored',
    arm: 'jwt-hs256',
    check: 15,
    hole: 'A token for any audience is accepted.',
    scheme: (real, context) =>
      alsoAccepts(
        real,
        (token) =>
          token.header.crit === undefined &&
          isSigned(token, context) &&
          claimsFit(token.claims, context.now(), ['aud']),
      ),
  },
  {
    name: 'cached-for-ever',
    arm: 'jwt-hs256-cached',
    check: 17,
    hole: 'A token that was verified once stays accepted, expired or not.',
    scheme(real, { now }) {
      const verified = new Set<string>();
      const lenient = alsoAccepts(
        real,
        ({ signed, signature, claims }) => verified.has(`${signed}.${signature}`) && claimsFit(claims, now(), ['exp']),
      );
      return {
        ...lenient,
        authenticate: (request, reply, done) =>
          lenient.authenticate(request, reply, (error) => {
            const token = error === undefined ? readBearer(request) : null;
            if (token !== null) verified.add(`${token.signed}.${token.signature}`);
            done(error);
          }),
      };
    },
    alsoFails: ENDED_BY_EXPIRY,
  },
  {
    name: 'cache-mixes-identities',
    arm: 'jwt-hs256-cached',
    check: 17,
    hole: 'Verified tokens are cached under a part that several users’ tokens share.',
    scheme(real) {
      const identities = new Map<string, Identity>();
      return {
        ...real,
        authenticate: (request, reply, done) =>
          real.authenticate(request, reply, (error) => {
            const { identity } = request;
            if (error !== undefined || identity === null) return done(error);
            // Time of issue and roles are the same for users of one kind who log in together.
            const key = createHash('sha256')
              .update(JSON.stringify([identity.roles, request.user.exp]))
              .digest('hex');
            request.identity = identities.get(key) ?? identity;
            identities.set(key, request.identity);
            done();
          }),
      };
    },
    alsoFails: MIXED_UP,
  },
  {
    name: 'password-in-the-payload',
    arm: 'jwt-hs256',
    check: 18,
    hole: 'The token contains the password, which anybody can decode.',
    scheme: (real, context) => ({
      ...real,
      async issue(request, reply, user) {
        const credential = await real.issue(request, reply, user);
        const { password } = request.body as { password: string };
        const { tokenLifetimeSeconds } = context.settings;
        const exp = Math.floor(context.now() / 1000) + tokenLifetimeSeconds;
        return credential && { ...credential, accessToken: signToken(context, user, { pw: password, exp }) };
      },
    }),
  },
];
