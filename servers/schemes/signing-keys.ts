/** The keys of each token algorithm and their names: for signing, for verifying, and from before the last rotation. */
import { createHash } from 'node:crypto';
import type { Secrets } from '../configuration.ts';
import { publicPem, secretBytes } from '../keys.ts';

export type JwtAlgorithm = 'HS256' | 'RS256' | 'ES256' | 'EdDSA';

/** HMAC keys are bytes, never PEM text, so a public key cannot be used as one (RFC 8725 §2.1). */
interface VerifyingKey {
  readonly key: Buffer | string;
  readonly keyId: string;
}

export interface SigningKeys {
  readonly signing: Buffer | string;
  readonly verifying: VerifyingKey;
  /** Null before the first rotation. */
  readonly previous: VerifyingKey | null;
}

/** Names a key by the start of its hash, which does not reveal it. */
function named(key: Buffer | string): VerifyingKey {
  return { key, keyId: createHash('sha256').update('kid\0').update(key).digest('base64url').slice(0, 11) };
}

const PAIRS = {
  RS256: ['rsaPrivateKey', 'rsaPublicKey'],
  ES256: ['ecPrivateKey', 'ecPublicKey'],
  EdDSA: ['edPrivateKey', 'edPublicKey'],
} as const;

/** @throws StartError BAD_START if a key is too weak, or of another kind */
export function signingKeys(algorithm: JwtAlgorithm, secrets: Secrets): SigningKeys {
  if (algorithm === 'HS256') {
    const key = secretBytes(secrets.hmacKey, 'hmacKey');
    const old = secrets.previous?.hmacKey;
    return {
      signing: key,
      verifying: named(key),
      previous: old === undefined ? null : named(secretBytes(old, 'previous.hmacKey')),
    };
  }
  const [privateName, publicName] = PAIRS[algorithm];
  const old = secrets.previous?.[publicName];
  return {
    signing: secrets[privateName],
    verifying: named(publicPem(secrets[publicName], publicName)),
    previous: old === undefined ? null : named(publicPem(old, publicName)),
  };
}
