/** Keys, passwords and users: created for each run, kept in memory, sent over IPC, never written to disk. */
import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { argon2id } from '../../servers/argon2.ts';
import type { Secrets, UserRecord } from '../../servers/configuration.ts';

const generate = promisify(generateKeyPair);

export interface Argon2Setting {
  readonly memoryKiB: number;
  readonly passes: number;
  /** True if it is cheap, so that many logins do not take longer than the measurement. */
  readonly cheap: boolean;
}

/** OWASP's recommendation for argon2id: 19 MiB, two passes, one lane. */
export const ARGON2_REAL: Argon2Setting = { memoryKiB: 19_456, passes: 2, cheap: false };
/** The setting for load tests of everything except the login; runs are labelled with it. */
export const ARGON2_CHEAP: Argon2Setting = { memoryKiB: 64, passes: 1, cheap: true };

export async function makeSecrets(): Promise<Secrets> {
  const encoding = {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  } as const;
  const [rsa, ec, ed] = await Promise.all([
    generate('rsa', { modulusLength: 2048, ...encoding }),
    generate('ec', { namedCurve: 'P-256', ...encoding }),
    generate('ed25519', encoding),
  ]);
  return {
    hmacKey: randomBytes(32).toString('base64'),
    cookieKey: randomBytes(32).toString('base64'),
    rsaPrivateKey: rsa.privateKey,
    rsaPublicKey: rsa.publicKey,
    ecPrivateKey: ec.privateKey,
    ecPublicKey: ec.publicKey,
    edPrivateKey: ed.privateKey,
    edPublicKey: ed.publicKey,
  };
}

export interface User {
  readonly username: string;
  readonly password: string;
  readonly record: UserRecord;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

/**
 * @returns `count` ordinary users and, last, one administrator. All names and roles have the same length, and so have
 * bodies: the unguarded baseline answers as the administrator.
 */
export async function makeUsers(count: number, setting: Argon2Setting): Promise<User[]> {
  const users: User[] = [];
  for (let i = 0; i <= count; i++) {
    const admin = i === count;
    const username = `${admin ? 'admin' : 'user'}-${String(i).padStart(admin ? 4 : 5, '0')}`;
    const password = randomBytes(18).toString('base64url');
    const nonce = randomBytes(16);
    const tag = await argon2id({
      message: password,
      nonce,
      parallelism: 1,
      tagLength: 32,
      memory: setting.memoryKiB,
      passes: setting.passes,
    });
    const parameters = `m=${setting.memoryKiB},t=${setting.passes},p=1`;
    users.push({
      username,
      password,
      record: {
        id: `u${String(i).padStart(6, '0')}`,
        username,
        roles: ['user', admin ? 'admin' : 'staff'],
        passwordHash: `$argon2id$v=19$${parameters}$${unpadded(nonce)}$${unpadded(tag)}`,
      },
    });
  }
  return users;
}
