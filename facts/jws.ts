/**
 * Verifying a signed token at the level of JWS (RFC 7515): form, algorithm and signature, whatever the payload is. The
 * verifiers of the `jwt-*` arms refuse a payload that is not JSON before they look at the signature, and most examples of
 * the standards sign a sentence. So this calls the function with which fast-jwt verifies signatures, with the keys that it
 * prepares, after the checks that come first in the arms.
 */
import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { createRequire } from 'node:module';
import { isCanonicalToken } from '../servers/schemes/compact-form.ts';
import type { JwtAlgorithm } from '../servers/schemes/signing-keys.ts';

/** Not among the package's types; its own verifier calls it. */
const { verifySignature } = createRequire(import.meta.url)('fast-jwt/src/crypto.js') as {
  readonly verifySignature: (algorithm: string, key: KeyObject, input: string, signature: string) => boolean;
};

/** The algorithm of a header that asks for nothing that the arms do not know; null otherwise. */
function algorithmOf(header: string): string | null {
  try {
    const fields: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    if (fields === null || typeof fields !== 'object' || 'crit' in fields || !('alg' in fields)) return null;
    return typeof fields.alg === 'string' ? fields.alg : null;
  } catch {
    return null;
  }
}

/**
 * Whether the signature of a token in the compact serialization is valid. @param algorithm the only one accepted @param
 * key bytes of a shared key, or a public key in PEM
 */
export function verifyJws(algorithm: JwtAlgorithm, key: Buffer | string, token: string): boolean {
  if (!isCanonicalToken(token)) return false;
  const [header = '', , signature = ''] = token.split('.');
  if (signature === '' || algorithmOf(header) !== algorithm) return false;
  const prepared = algorithm === 'HS256' ? createSecretKey(Buffer.from(key)) : createPublicKey(key);
  try {
    return verifySignature(algorithm, prepared, token.slice(0, token.lastIndexOf('.')), signature);
  } catch {
    // An ECDSA signature of another length cannot be read.
    return false;
  }
}
