/** Proofs of a client's key (DPoP, RFC 9449): valid ones, and those that an attacker would try. */
import { createPrivateKey } from 'node:crypto';
import { PROOF_HEADER, ROUTES } from '../../../servers/contract.ts';
import { authorityOf } from '../../load/connection/authority.ts';
import { claimsOf, proofHeaderOf } from '../../load/connection/proof.ts';
import type { Call, Endpoint } from '../http.ts';
import { type Json, type Sign, signedWith, writeToken } from './tokens.ts';

export interface ProofChanges {
  /** Header fields and claims to change; undefined leaves one out. */
  readonly header?: Json;
  readonly claims?: Json;
  /** Signs it with another key. */
  readonly sign?: Sign;
}

/** The private key of `newProofKey` as a JWK, for a proof that gives it away. */
export function privateJwkOf(key: string): Json {
  return { ...privateKeyOf(key).export({ format: 'jwk' }) };
}

const privateKeyOf = (key: string) =>
  createPrivateKey({ key: Buffer.from(key, 'base64url'), format: 'der', type: 'pkcs8' });

const urlOf = (endpoint: Endpoint, path: string): string =>
  `${endpoint.certificate === null ? 'http' : 'https'}://${authorityOf(endpoint)}${path.split('?', 1)[0]}`;

/** @param token null at login @param key of `newProofKey` */
export function proofOf(
  endpoint: Endpoint,
  { method, path }: Pick<Call, 'method' | 'path'>,
  {
    key,
    token,
    changes = {},
  }: { readonly key: string; readonly token: string | null; readonly changes?: ProofChanges },
): string {
  const claims = { ...claimsOf({ method, url: urlOf(endpoint, path), token }), jti: crypto.randomUUID() };
  const now = { iat: Math.floor(Date.now() / 1000) };
  return writeToken(
    { ...proofHeaderOf(key), ...changes.header },
    { ...claims, ...now, ...changes.claims },
    changes.sign ?? signedWith(privateKeyOf(key), 'sha256'),
  );
}

const BOUND = /^DPoP (.+)$/i;
const isLogin = ({ method, path }: Call) => method === ROUTES.login.method && path === ROUTES.login.path;

/** Returns the request with the proof that it needs, if it is a login or sends a bound token, and has no proof yet. */
export function proven(endpoint: Endpoint, call: Call, key: string): Call {
  const headers: readonly (readonly [string, string])[] = Array.isArray(call.headers)
    ? call.headers
    : Object.entries(call.headers ?? {});
  const headerOf = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
  const [, token = null] = BOUND.exec(headerOf('authorization') ?? '') ?? [];
  if (headerOf(PROOF_HEADER) !== undefined || (token === null && !isLogin(call))) return call;
  return { ...call, headers: [...headers, [PROOF_HEADER, proofOf(endpoint, call, { key, token })]] };
}
