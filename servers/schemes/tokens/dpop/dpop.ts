/**
 * Tokens that only their client can use (DPoP, RFC 9449). The client has its own key, and signs a proof with it for
 * the login and for every request; a stolen token is useless without the key. Redis remembers used proofs, and while
 * it does not respond requests are refused. The token itself is as revocable as any other stateless one: critical
 * operations check whether its user was disabled.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROOF_NONCE_HEADER } from '../../../contract.ts';
import { HttpError, Unauthenticated } from '../../../errors.ts';
import { secretBytes } from '../../../keys.ts';
import { redisOf, type SchemeFactory } from '../../../scheme.ts';
import { redisUsedProofs, type UsedProofs } from '../../../stores/used-proofs.ts';
import { accessTokens } from '../../access-tokens.ts';
import { refuseDisabled } from '../../recheck.ts';
import { proofNonces } from './nonces.ts';
import { InvalidProof, PROOF_ALGORITHM, type ProofVerifier, proofVerifier } from './proof.ts';

/** RFC 9449 §7.1. */
export const PROOF_CHALLENGE = `DPoP realm="tollgate", algs="${PROOF_ALGORITHM}"`;
const SCHEME = /^DPoP /i;
const TOKEN_AT = 'DPoP '.length;

/**
 * Returns everything after the name of the scheme. A bound token sent as a bearer token does not count (RFC 9449
 * §7.2).
 */
function boundToken({ headers: { authorization } }: FastifyRequest): string | undefined {
  return authorization !== undefined && SCHEME.test(authorization) ? authorization.slice(TOKEN_AT) : undefined;
}

export interface DpopParts {
  readonly usedProofs?: typeof redisUsedProofs;
  readonly verifier?: typeof proofVerifier;
}

/** @param parts replaces its store of used proofs, or the verifier of proofs, for mutants */
export function provenTokens(parts: DpopParts = {}): SchemeFactory {
  const { usedProofs = redisUsedProofs, verifier = proofVerifier } = parts;
  return (context) => {
    const { secrets, settings, accounts, now } = context;
    const lifetimeSeconds = settings.tokenLifetimeSeconds;
    const tokens = accessTokens({ algorithm: 'HS256', secrets, lifetimeSeconds, extractToken: boundToken });
    const used: UsedProofs = usedProofs(redisOf(context), now);
    const nonces = settings.proofNonces ? proofNonces(secretBytes(secrets.hmacKey, 'hmacKey'), now) : null;
    const proofs: ProofVerifier = verifier({ used, nonces, settings, now });

    /** Sends a nonce to a client whose proof lacks a valid one, or whose nonce is about to expire (RFC 9449 §8.2). */
    const giveNonce = (reply: FastifyReply) => {
      if (nonces !== null) void reply.header(PROOF_NONCE_HEADER, nonces.current());
    };

    async function isProven(request: FastifyRequest, reply: FastifyReply): Promise<void> {
      const { cnf } = request.user;
      const token = boundToken(request);
      // A token bound to no key is not of this kind, even with a valid signature.
      if (typeof cnf?.jkt !== 'string' || token === undefined) throw new Unauthenticated();
      const { hasOldNonce } = await proofs.verify(request, { token, thumbprint: cnf.jkt });
      if (hasOldNonce) giveNonce(reply);
    }

    return {
      challenge: PROOF_CHALLENGE,
      coversPublicRoutes: false,
      install: tokens.install,

      async issue(request, reply, user) {
        try {
          const { thumbprint, hasOldNonce } = await proofs.verify(request, null);
          if (hasOldNonce) giveNonce(reply);
          const { token } = tokens.issue(user, { cnf: { jkt: thumbprint } });
          return { accessToken: token, tokenType: 'DPoP', expiresInSeconds: tokens.expiresInSeconds };
        } catch (error) {
          if (!(error instanceof InvalidProof)) throw error;
          if (error.fault === 'use_dpop_nonce') giveNonce(reply);
          throw new HttpError(400, `${error.fault}: a new proof of the client’s key is needed (RFC 9449).`);
        }
      },

      authenticate(request, reply, done) {
        // The token first: its signature is cheap to check, and strangers have none. Public keys cost several times
        // as much.
        tokens.authenticate(request, reply, (error) => {
          if (error !== undefined) return done(error);
          isProven(request, reply).then(
            () => done(),
            (cause: Error) => {
              request.identity = null;
              if (!(cause instanceof InvalidProof)) return done(cause);
              if (cause.fault === 'use_dpop_nonce') giveNonce(reply);
              done(new Unauthenticated(undefined, `${PROOF_CHALLENGE}, error="${cause.fault}"`));
            },
          );
        });
      },

      verifyCsrf: null,
      recheck: refuseDisabled(accounts),
      refresh: null,
      end: async () => {},
      endAll: async () => {},
      terminate: async () => {},
    };
  };
}
