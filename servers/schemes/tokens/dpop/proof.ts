/**
 * Proofs of possession (DPoP, RFC 9449): a client signs a new small token for each request, which contains the
 * request, its time, and the key that signed it. jose verifies it with the key in the proof itself. That alone does
 * not make the key trusted: it is compared with the one that the access token is bound to.
 */
import { hash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { calculateJwkThumbprint, EmbeddedJWK, errors, type JWTPayload, jwtVerify } from 'jose';
import { PROOF_HEADER, PROOF_TYPE } from '../../../contract.ts';
import type { SchemeSettings } from '../../../scheme.ts';
import type { UsedProofs } from '../../../stores/used-proofs.ts';
import { isCanonicalToken } from '../../compact-form.ts';
import type { ProofNonces } from './nonces.ts';

/** The only algorithm; the proof cannot choose: a symmetric one, or none, would prove nothing (RFC 9449 §4.3). */
export const PROOF_ALGORITHM = 'ES256';
/** How far a client's clock may be ahead: a proof from further in the future could be made long before it is used. */
const AHEAD_SECONDS = 5;
const LETTERS = /^[\w.-]+$/;

/** The error codes of RFC 9449 §5 and §9. */
export type ProofFault = 'invalid_dpop_proof' | 'use_dpop_nonce';

export class InvalidProof extends Error {
  readonly fault: ProofFault;
  constructor(fault: ProofFault = 'invalid_dpop_proof') {
    super(fault);
    this.name = 'InvalidProof';
    this.fault = fault;
  }
}

export interface Proof {
  /** The thumbprint of its key (RFC 7638). */
  readonly thumbprint: string;
  /** True if it contains a nonce that will soon expire. */
  readonly hasOldNonce: boolean;
}

export interface ProofOptions {
  readonly used: UsedProofs;
  /** Null if no nonce is required. */
  readonly nonces: ProofNonces | null;
  readonly settings: Pick<SchemeSettings, 'proofMaxAgeSeconds'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The access token and key that a proof must be bound to; null at login, before there is a token. */
export type Bound = { readonly token: string; readonly thumbprint: string } | null;

export interface ProofVerifier {
  /** @throws InvalidProof; StoreUnavailable if it is unknown whether the proof was used before */
  verify(request: FastifyRequest, bound: Bound): Promise<Proof>;
}

/**
 * Whether an `htu` names the target of the request, ignoring query and fragment (RFC 9449 §4.3). The host is the one
 * in the request: a server with several names must have a proxy in front that refuses all others.
 */
function isTarget(htu: unknown, { protocol, host, url }: FastifyRequest): boolean {
  if (typeof htu !== 'string') return false;
  const own = `${protocol}://${host}${url.split('?', 1)[0]}`;
  if (htu === own) return true;
  const [named, asked] = [URL.parse(htu), URL.parse(own)];
  if (named === null || asked === null || named.username !== '' || named.password !== '') return false;
  return named.origin === asked.origin && named.pathname === asked.pathname;
}

/** The one proof of a request: two, in one header or several, count as none. */
function proofIn({ headers }: FastifyRequest): string {
  const proof = headers[PROOF_HEADER];
  if (typeof proof !== 'string' || !LETTERS.test(proof) || !isCanonicalToken(proof)) throw new InvalidProof();
  return proof;
}

interface Signed {
  readonly claims: JWTPayload;
  readonly thumbprint: string;
}

/** Checks the signature, and that its key is a public one. */
async function signedBy(proof: string, nowMs: number): Promise<Signed> {
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      typ: PROOF_TYPE,
      algorithms: [PROOF_ALGORITHM],
      requiredClaims: ['jti', 'htm', 'htu', 'iat'],
      currentDate: new Date(nowMs),
    });
    return { claims: payload, thumbprint: await calculateJwkThumbprint(protectedHeader.jwk ?? {}) };
  } catch (error) {
    // The runtime refuses an invalid key of this curve with its own errors.
    if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException) {
      throw new InvalidProof();
    }
    throw error;
  }
}

export function proofVerifier({ used, nonces, settings, now }: ProofOptions): ProofVerifier {
  const { proofMaxAgeSeconds } = settings;
  return {
    async verify(request, bound) {
      const nowMs = now();
      const { claims, thumbprint } = await signedBy(proofIn(request), nowMs);
      const { jti, htm, htu, iat = Number.NaN, ath } = claims;
      const ageSeconds = nowMs / 1000 - iat;
      const isRight =
        typeof jti === 'string' &&
        jti !== '' &&
        htm === request.method &&
        isTarget(htu, request) &&
        ageSeconds <= proofMaxAgeSeconds &&
        ageSeconds >= -AHEAD_SECONDS &&
        (bound === null || (ath === hash('sha256', bound.token, 'base64url') && thumbprint === bound.thumbprint));
      if (!isRight) throw new InvalidProof();
      const nonce = nonces?.judge(claims.nonce) ?? 'current';
      if (nonce === 'unknown') throw new InvalidProof('use_dpop_nonce');
      // Last, so that only proofs that are otherwise valid take space in the store.
      const endsAtMs = (iat + proofMaxAgeSeconds) * 1000;
      if (!(await used.use({ thumbprint, id: jti, endsAtMs }))) throw new InvalidProof();
      return { thumbprint, hasOldNonce: nonce === 'old' };
    },
  };
}
