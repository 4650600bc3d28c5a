/** argon2id (RFC 9106); hashes are PHC strings. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { argon2id } from './argon2.ts';

interface Phc {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

function parsePhc(text: string): Phc {
  const [, memory, passes, lanes, salt, hash] = PHC.exec(text) ?? [];
  if (memory === undefined || passes === undefined || lanes === undefined || salt === undefined || hash === undefined)
    throw new TypeError('The password hash is not an argon2id PHC string: $argon2id$v=19$m=…,t=…,p=…$salt$hash.');
  return {
    memoryKiB: Number(memory),
    passes: Number(passes),
    lanes: Number(lanes),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

/**
 * Whether a password matches a hash. It runs on the thread pool and compares in constant time.
 * @param phc `$argon2id$v=19$m=KiB,t=passes,p=lanes$salt$hash`
 * @throws TypeError if the hash is not such a string
 */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const { memoryKiB, passes, lanes, salt, hash } = parsePhc(phc);
  const computed = await argon2id({
    message: password,
    nonce: salt,
    parallelism: lanes,
    tagLength: hash.length,
    memory: memoryKiB,
    passes,
  });
  return timingSafeEqual(computed, hash);
}

/**
 * Returns a hash that no password matches and that costs as much to verify as `phc`. It is verified for unknown users, so that
 * the time of a login does not reveal whether the user exists.
 */
export function dummyHashLike(phc: string): string {
  const { memoryKiB, passes, lanes, salt, hash } = parsePhc(phc);
  const random = (bytes: number) => randomBytes(bytes).toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${random(salt.length)}$${random(hash.length)}`;
}
