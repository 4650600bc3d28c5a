/** Keys as they come in the start message, checked before use: a weak key is refused, not used. */
import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { StartError } from './errors.ts';

/** RFC 7518 §3.2 and §3.3. */
const MINIMUM_SECRET_BYTES = 32;
const MINIMUM_RSA_BITS = 2048;

/**
 * The bytes of a symmetric key.
 * @param name how the message calls it, for the error
 * @throws StartError BAD_START where it is shorter than 32 bytes
 */
export function secretBytes(base64: string, name: string): Buffer {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length < MINIMUM_SECRET_BYTES) {
    throw new StartError('BAD_START', `${name} holds ${bytes.length} bytes: make it ${MINIMUM_SECRET_BYTES} or more.`);
  }
  return bytes;
}

/** The same as a key object: imported once, not once per HMAC. @throws StartError BAD_START */
export function secretKey(base64: string, name: string): KeyObject {
  return createSecretKey(secretBytes(base64, name));
}

/** A public RSA key in PEM, unchanged. @throws StartError BAD_START where it is no RSA key, or shorter than 2048 bits */
export function rsaPublicPem(pem: string): string {
  let bits: number | undefined;
  try {
    const key = createPublicKey(pem);
    bits = key.asymmetricKeyType === 'rsa' ? key.asymmetricKeyDetails?.modulusLength : undefined;
  } catch (cause) {
    throw new StartError('BAD_START', 'rsaPublicKey is not a PEM public key.', { cause });
  }
  if (bits === undefined || bits < MINIMUM_RSA_BITS) {
    throw new StartError('BAD_START', `rsaPublicKey must be an RSA key of ${MINIMUM_RSA_BITS} bits or more.`);
  }
  return pem;
}
