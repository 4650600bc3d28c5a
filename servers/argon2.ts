/** argon2id (RFC 9106): the runtime's own implementation, or that of a package where Node is older than 24.7. */
import crypto from 'node:crypto';

export interface Argon2Parameters {
  readonly message: string | Uint8Array;
  readonly nonce: Uint8Array;
  readonly parallelism: number;
  /** Length of the hash, in bytes. */
  readonly tagLength: number;
  /** Memory in KiB. */
  readonly memory: number;
  readonly passes: number;
}

export type Argon2id = (parameters: Argon2Parameters) => Promise<Buffer>;

/** Both run on the thread pool. */
export const argon2id: Argon2id = typeof crypto.argon2 === 'function' ? byNode : byPackage;

export function byNode(parameters: Argon2Parameters): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    crypto.argon2('argon2id', parameters, (error, tag) => (error === null ? resolve(tag) : reject(error)));
  });
}

export async function byPackage(parameters: Argon2Parameters): Promise<Buffer> {
  const { hashRaw } = await import('@node-rs/argon2');
  const { message, nonce, parallelism, tagLength, memory, passes } = parameters;
  return hashRaw(message, {
    salt: nonce,
    parallelism,
    outputLen: tagLength,
    memoryCost: memory,
    timeCost: passes,
  });
}
