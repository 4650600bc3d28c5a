/** Mutants of tokens bound to a key: schemes that verify proofs with one check left out. */

import type { FastifyRequest } from 'fastify';
import { calculateJwkThumbprint } from 'jose';
import { provenTokens } from '../../schemes/tokens/dpop/dpop.ts';
import { InvalidProof } from '../../schemes/tokens/dpop/proof.ts';
import { redisUsedProofs, type UsedProofs } from '../../stores/used-proofs.ts';
import { claimsFit, honour, isSigned, readBearer, signToken } from '../jwt-tools.ts';
import type { Mutant } from '../mutant.ts';
import {
  asIf,
  isSignedBy,
  isSignedBySecret,
  type Judge,
  judgedBy,
  namesToken,
  orIf,
  type ReadProof,
  readProof,
} from '../proof-tools.ts';

const judged = (judge: Judge): Pick<Mutant, 'scheme'> => ({ scheme: (_real, context) => judgedBy(judge)(context) });

const storing = (usedProofs: () => UsedProofs): Pick<Mutant, 'scheme'> => ({
  scheme: (_real, context) => provenTokens({ usedProofs })(context),
});

/** Verifies a proof against the request that it names itself. */
const believing =
  (changes: (proof: ReadProof, request: FastifyRequest) => Readonly<Record<string, unknown>>): Judge =>
  (real, request, bound) => {
    const proof = readProof(request);
    return real.verify(proof === null ? request : asIf(request, changes(proof, request)), bound);
  };

function targetIn({ claims }: ReadProof): Readonly<Record<string, unknown>> {
  const url = URL.parse(String(claims.htu));
  if (url === null) return {};
  return { protocol: url.protocol.slice(0, -1), host: url.host, url: url.pathname };
}

const isRightKey = ({ header, ...proof }: ReadProof): boolean =>
  header.alg === 'ES256' && header.crit === undefined && isSignedBy({ header, ...proof }, header.jwk ?? {});

export const BOUND_TOKEN_MUTANTS: readonly Mutant[] = [
  {
    name: 'bound-token-as-bearer',
    arm: 'jwt-dpop',
    check: 80,
    hole: 'A bound token is accepted as a bearer token too, without any proof.',
    scheme: (real, context) => ({
      ...real,
      authenticate(request, reply, done) {
        real.authenticate(request, reply, (error) => {
          const token = error === undefined ? null : readBearer(request);
          if (token === null || !isSigned(token, context) || !claimsFit(token.claims, context.now()))
            return done(error);
          honour(request, token.claims);
          done();
        });
      },
    }),
  },
  {
    name: 'proof-of-any-key',
    arm: 'jwt-dpop',
    check: 80,
    hole: 'The key of a proof is not compared with the one that the token is bound to.',
    ...judged(async (real, request, bound) => {
      const { header } = readProof(request) ?? {};
      if (bound === null || header?.jwk === undefined) return real.verify(request, bound);
      const thumbprint = await calculateJwkThumbprint(header.jwk).catch(() => bound.thumbprint);
      return real.verify(request, { ...bound, thumbprint });
    }),
  },
  {
    name: 'proofs-not-remembered',
    arm: 'jwt-dpop',
    check: 81,
    hole: 'No used proof is remembered, so each counts again until it is too old.',
    ...storing(() => ({ use: async () => true })),
    alsoFails: {
      50: 'no request asks Redis, so an outage is not noticed',
      84: 'a login may be repeated with the proof of another',
      91: 'a used proof counts again',
    },
  },
  {
    name: 'proofs-remembered-by-replica',
    arm: 'jwt-dpop',
    check: 81,
    hole: 'Each replica remembers the proofs that it saw itself, so every other takes them once more.',
    ...storing(() => {
      const seen = new Set<string>();
      return {
        async use({ thumbprint, id }) {
          const isNew = !seen.has(`${thumbprint} ${id}`);
          seen.add(`${thumbprint} ${id}`);
          return isNew;
        },
      };
    }),
    alsoFails: { 50: 'no request asks Redis, so an outage is not noticed' },
  },
  {
    name: 'proofs-forgotten-early',
    arm: 'jwt-dpop',
    check: 91,
    hole: 'How long a used proof is remembered is computed in seconds and stored as milliseconds.',
    scheme: (_real, context) =>
      provenTokens({
        usedProofs(redis, now) {
          const real = redisUsedProofs(redis, now);
          return { use: (proof) => real.use({ ...proof, endsAtMs: now() + (proof.endsAtMs - now()) / 1000 }) };
        },
      })(context),
  },
  {
    name: 'proof-method-unchecked',
    arm: 'jwt-dpop',
    check: 82,
    hole: 'The method that a proof names is not compared.',
    ...judged(believing(({ claims }) => (typeof claims.htm === 'string' ? { method: claims.htm } : {}))),
  },
  {
    name: 'proof-url-unchecked',
    arm: 'jwt-dpop',
    check: 82,
    hole: 'The URL that a proof names is not compared.',
    ...judged(believing(targetIn)),
    alsoFails: { 84: 'a proof for any path is one for the login' },
  },
  {
    name: 'proof-token-unchecked',
    arm: 'jwt-dpop',
    check: 82,
    hole: 'The hash of the token in a proof is not compared, so proofs can be made before there is a token.',
    ...judged(async (real, request, bound) => {
      const proof = await real.verify(request, null);
      if (bound !== null && proof.thumbprint !== bound.thumbprint) throw new InvalidProof();
      return proof;
    }),
  },
  {
    name: 'proof-time-unchecked',
    arm: 'jwt-dpop',
    check: 82,
    hole: 'The time of a proof is not looked at.',
    // The real verifier gets a separate clock for each proof: the proof's.
    scheme: (_real, context) => {
      let ownMs: number | null = null;
      const now = () => ownMs ?? context.now();
      return judgedBy((real, request, bound) => {
        const iat = readProof(request)?.claims.iat;
        ownMs = typeof iat === 'number' ? iat * 1000 : null;
        // Read before anything is awaited.
        const judgement = real.verify(request, bound);
        ownMs = null;
        return judgement;
      })({ ...context, now });
    },
  },
  {
    name: 'proof-with-private-key',
    arm: 'jwt-dpop',
    check: 83,
    hole: 'A proof may hold its private key, which then stands in every log of headers.',
    ...judged(
      orIf(
        (proof, bound) =>
          bound !== null &&
          typeof proof.header.jwk?.d === 'string' &&
          proof.header.typ === 'dpop+jwt' &&
          namesToken(proof, bound.token) &&
          isRightKey(proof),
      ),
    ),
  },
  {
    name: 'proof-of-any-type',
    arm: 'jwt-dpop',
    check: 83,
    hole: 'The type of a proof is not compared, so another token that the client signed counts as one.',
    ...judged(
      orIf(
        (proof, bound) =>
          bound !== null &&
          proof.header.typ !== 'dpop+jwt' &&
          proof.header.jwk?.d === undefined &&
          namesToken(proof, bound.token) &&
          isRightKey(proof),
      ),
    ),
  },
  {
    name: 'symmetric-proof-at-login',
    arm: 'jwt-dpop',
    check: 84,
    hole: 'A login takes a proof by a symmetric key, which the proof itself holds: the token is bound to what all can read.',
    ...judged(orIf((proof, bound) => bound === null && isSignedBySecret(proof))),
  },
  {
    name: 'unbound-login',
    arm: 'jwt-dpop',
    check: 84,
    hole: 'A login without a right proof gets a token that is bound to nothing.',
    scheme: (real, context) => ({
      ...real,
      issue: (request, reply, user) =>
        real.issue(request, reply, user).catch(() => ({ accessToken: signToken(context, user), expiresInSeconds: 60 })),
    }),
    alsoFails: {
      50: 'a login during an outage gets a token too',
      91: 'a login with a used proof gets a token too',
    },
  },
];
