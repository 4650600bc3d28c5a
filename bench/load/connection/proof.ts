/**
 * Proofs that a client has the key of its token (DPoP, RFC 9449), signed as clients sign them: with a private key on
 * the curve P-256, and a new proof for each request. All proofs for one request have the same length.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import { PROOF_TYPE } from '../../../servers/contract.ts';

/**
 * A pseudo-header of a prepared request: the client's key, which is never sent. A proof signed with it is sent
 * instead. No real header has a colon in its name.
 */
export const PROOF_KEY = ':proof-key';

/** The part of a request that a proof names. */
export interface ProvenRequest {
  readonly method: string;
  /** Scheme, host, port and path; no query. */
  readonly url: string;
  /** Null at login, where there is no token yet. */
  readonly token: string | null;
}

export interface ProofClaims {
  readonly htm: string;
  readonly htu: string;
  /** The hash of the access token. */
  readonly ath?: string;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** @returns a new private key: PKCS#8 in base64url, so that it can be sent to a generator process as text */
export function newProofKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64url');
}

interface Signer {
  readonly key: KeyObject;
  /** The encoded header of each of its proofs. */
  readonly header: string;
}

const readKey = (key: string) => createPrivateKey({ key: Buffer.from(key, 'base64url'), format: 'der', type: 'pkcs8' });

/** The header of a proof, which names the public key. @param key of `newProofKey` */
export function proofHeaderOf(key: string): Readonly<Record<string, unknown>> {
  const { kty, crv, x, y } = createPublicKey(readKey(key)).export({ format: 'jwk' });
  return { typ: PROOF_TYPE, alg: 'ES256', jwk: { kty, crv, x, y } };
}

const signers = new Map<string, Signer>();
/** More keys than a load has users, but bounded, because logins are not. */
const MOST_SIGNERS = 4_096;

/** Cached, because parsing a key takes as long as signing. */
function signerOf(key: string): Signer {
  const known = signers.get(key);
  if (known !== undefined) return known;
  const signer = { key: readKey(key), header: encode(proofHeaderOf(key)) };
  if (signers.size >= MOST_SIGNERS) signers.clear();
  signers.set(key, signer);
  return signer;
}

export function claimsOf({ method, url, token }: ProvenRequest): ProofClaims {
  const ath = token === null ? {} : { ath: hash('sha256', token, 'base64url') };
  return { htm: method, htu: url, ...ath };
}

/** Signs claims with a fresh id and the current time. @param key of `newProofKey` */
export function signProof(key: string, claims: ProofClaims): string {
  const { key: signing, header } = signerOf(key);
  const { htm, htu, ath } = claims;
  const payload = {
    htm,
    htu,
    jti: randomUUID(),
    iat: Math.floor(Date.now() / 1000),
    ...(ath === undefined ? {} : { ath }),
  };
  const signed = `${header}.${encode(payload)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: signing, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

export function proofFor(key: string, request: ProvenRequest): string {
  return signProof(key, claimsOf(request));
}
