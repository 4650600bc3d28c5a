/** Checks the keys of the start message before use, and refuses weak ones. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { StartError } from './errors.ts';

/** RFC 7518 §3.2 and §3.3. */
const MINIMUM_SECRET_BYTES = 32;
const MINIMUM_RSA_BITS = 2048;

/**
 * Decodes a symmetric key.
 * @param name its name in the start message, for the error
 * @throws StartError BAD_START if it is shorter than 32 bytes
 */
export function secretBytes(base64: string, name: string): Buffer {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length < MINIMUM_SECRET_BYTES) {
    throw new StartError('BAD_START', `${name} holds ${bytes.length} bytes: use ${MINIMUM_SECRET_BYTES} or more.`);
  }
  return bytes;
}

const KINDS = {
  rsaPublicKey: {
    fits: (key: KeyObject) =>
      key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= MINIMUM_RSA_BITS,
    what: `an RSA key of ${MINIMUM_RSA_BITS} bits or more`,
  },
  ecPublicKey: {
    fits: (key: KeyObject) => key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1',
    what: 'a key on the curve P-256',
  },
  edPublicKey: {
    fits: (key: KeyObject) => key.asymmetricKeyType === 'ed25519',
    what: 'an Ed25519 key',
  },
} as const;

/** Returns a public key in PEM, unchanged. @throws StartError BAD_START if it is not one, of another kind, or too weak */
export function publicPem(pem: string, name: keyof typeof KINDS): string {
  const { fits, what } = KINDS[name];
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (cause) {
    throw new StartError('BAD_START', `${name} is not a PEM public key.`, { cause });
  }
  if (!fits(key)) throw new StartError('BAD_START', `${name} must be ${what}.`);
  return pem;
}
