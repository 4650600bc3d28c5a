/** Tools for broken schemes with key-bound tokens: they verify proofs like the real scheme, with one difference. */
import { createHmac, createPublicKey, hash, verify, type webcrypto } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { calculateJwkThumbprint } from 'jose';
import { PROOF_HEADER } from '../contract.ts';
import type { SchemeFactory } from '../scheme.ts';
import { provenTokens } from '../schemes/tokens/dpop/dpop.ts';
import {
  type Bound,
  InvalidProof,
  type Proof,
  type ProofOptions,
  type ProofVerifier,
  proofVerifier,
} from '../schemes/tokens/dpop/proof.ts';

type JsonWebKey = webcrypto.JsonWebKey;

export interface ReadProof {
  readonly header: Readonly<Record<string, unknown>> & { readonly jwk?: JsonWebKey };
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: string;
  readonly signature: Buffer;
}

/** Parses the proof of a request without verifying it; null if it has none. */
export function readProof(request: FastifyRequest): ReadProof | null {
  const parts = String(request.headers[PROOF_HEADER] ?? '').split('.');
  const [head = '', payload = '', signature = ''] = parts;
  try {
    const [header, claims] = [head, payload].map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
    return parts.length === 3
      ? { header, claims, signed: `${head}.${payload}`, signature: Buffer.from(signature, 'base64url') }
      : null;
  } catch {
    return null;
  }
}

/** Whether a proof was signed with the private half of this key; anything else in the key is ignored. */
export function isSignedBy({ signed, signature }: ReadProof, { kty, crv, x, y }: JsonWebKey): boolean {
  try {
    const key = createPublicKey({ key: { kty, crv, x, y } as JsonWebKey, format: 'jwk' });
    return verify('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }, signature);
  } catch {
    return false;
  }
}

export function isSignedBySecret({ header, signed, signature }: ReadProof): boolean {
  const { kty, k } = header.jwk ?? {};
  if (header.alg !== 'HS256' || kty !== 'oct' || typeof k !== 'string') return false;
  return createHmac('sha256', Buffer.from(k, 'base64url')).update(signed).digest().equals(signature);
}

/** Whether a proof names this token. */
export const namesToken = ({ claims }: ReadProof, token: string): boolean =>
  claims.ath === hash('sha256', token, 'base64url');

export type Judge = (
  real: ProofVerifier,
  request: FastifyRequest,
  bound: Bound,
  options: ProofOptions,
) => Promise<Proof>;

/** A scheme that verifies proofs with a broken verifier. */
export function judgedBy(judge: Judge): SchemeFactory {
  return provenTokens({
    verifier: (options) => {
      const real = proofVerifier(options);
      return { verify: (request, bound) => judge(real, request, bound, options) };
    },
  });
}

/** The request with these differences. */
export function asIf(request: FastifyRequest, changes: Readonly<Record<string, unknown>>): FastifyRequest {
  return new Proxy(request, {
    get: (target, name) => (typeof name === 'string' && name in changes ? changes[name] : Reflect.get(target, name)),
  });
}

/** Accepts proofs that the real verifier refuses, if `accepts` does. @returns a verifier */
export function orIf(accepts: (proof: ReadProof, bound: Bound) => boolean): Judge {
  return async (real, request, bound, { used, now }) => {
    try {
      return await real.verify(request, bound);
    } catch (error) {
      const proof = readProof(request);
      if (!(error instanceof InvalidProof) || proof === null || !accepts(proof, bound)) throw error;
      const thumbprint = bound?.thumbprint ?? (await calculateJwkThumbprint(proof.header.jwk ?? {}));
      const id = String(proof.claims.jti);
      if (!(await used.use({ thumbprint, id, endsAtMs: now() + 60_000 }))) throw error;
      return { thumbprint, hasOldNonce: false };
    }
  };
}
