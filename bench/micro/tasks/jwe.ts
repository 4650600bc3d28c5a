/**
 * A session in an encrypted token through jose, which decrypts by WebCrypto in other threads, whose CPU time is not
 * in these figures but is in the toll of an arm. Ten at a time, like concurrent requests.
 */
import { randomBytes, randomUUID, webcrypto } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import { AUDIENCE, ISSUER, KEY_ID, sessions } from '../inputs.ts';
import { INPUTS, type MicroTask, type ReadyTask, type TaskContext } from '../task.ts';

const CONCURRENT = 10;
const PROVED = 8;
const TYPE = 'session+jwt';

type Encryption = 'A256GCM' | 'A256CBC-HS512';
type Key = webcrypto.CryptoKey | Uint8Array;

/** A key as the servers keep it: for A256GCM it is imported once, the other consists of the bytes of two keys. */
async function freshKey(encryption: Encryption): Promise<Key> {
  if (encryption === 'A256CBC-HS512') return new Uint8Array(randomBytes(64));
  return webcrypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

function sealed(encryption: Encryption, key: Key): Promise<string[]> {
  const iat = Math.floor(Date.now() / 1000);
  const tokens = sessions(INPUTS).map(({ user, endsAtMs }) =>
    new EncryptJWT({ username: user.username, roles: user.roles, endsAtMs, usedAtMs: iat * 1000 })
      .setProtectedHeader({ alg: 'dir', enc: encryption, typ: TYPE, kid: KEY_ID })
      .setJti(randomUUID())
      .setSubject(user.id)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt(iat)
      .setExpirationTime(iat + 86_400)
      .encrypt(key),
  );
  return Promise.all(tokens);
}

function opener(encryption: Encryption, key: Key): (token: string) => Promise<unknown> {
  const keyOf = ({ kid }: { readonly kid?: string }) => {
    if (kid !== KEY_ID) throw new Error('A newly sealed token has a different key id.');
    return key;
  };
  const demands = {
    keyManagementAlgorithms: ['dir'],
    contentEncryptionAlgorithms: [encryption],
    maxDecompressedLength: 0,
    typ: TYPE,
    issuer: ISSUER,
    audience: AUDIENCE,
    requiredClaims: ['exp', 'jti', 'sub'],
  };
  return (token) => jwtDecrypt(token, keyOf, demands);
}

/** Each one's ciphertext with the other's tag. */
function mixed(one: string, other: string): string[] {
  const [head, key, iv, ciphertext, tag] = one.split('.');
  const [, , , otherCiphertext, otherTag] = other.split('.');
  return [[head, key, iv, otherCiphertext, tag].join('.'), [head, key, iv, ciphertext, otherTag].join('.')];
}

async function proven(tokens: readonly string[], open: (token: string) => Promise<unknown>): Promise<void> {
  const isAccepted = (token: string) =>
    open(token).then(
      () => true,
      () => false,
    );
  for (const [i, one] of tokens.slice(0, PROVED).entries()) {
    if (!(await isAccepted(one))) throw new Error('it rejects valid input');
    for (const each of mixed(one, tokens[i + 1] ?? one)) {
      if (await isAccepted(each)) throw new Error('it accepts altered input');
    }
  }
}

async function setup(encryption: Encryption, context: TaskContext): Promise<ReadyTask> {
  const key = await freshKey(encryption);
  const tokens = await sealed(encryption, key);
  const open = opener(encryption, key);
  // Here rather than in `prove`, which is synchronous.
  await proven(tokens, open);
  let next = 0;
  const openNext = () => {
    const token = tokens[next] as string;
    next = next + 1 === INPUTS ? 0 : next + 1;
    return open(token);
  };
  return {
    operationsPerRun: CONCURRENT,
    run: async () => {
      context.keep(await Promise.all(Array.from({ length: CONCURRENT }, openNext)));
    },
    once: (done) => {
      openNext().then((result) => {
        context.keep(result);
        done();
      }, done);
    },
  };
}

function decryptTask(name: string, encryption: Encryption, what: string): MicroTask {
  const title = `decrypt a session token with jose (dir, ${encryption}), ten in flight; ${what}`;
  return { name, title, needs: null, setup: (context) => setup(encryption, context) };
}

export const jweTasks: readonly MicroTask[] = [
  decryptTask('jwe-cbc-decrypt', 'A256CBC-HS512', 'the time of other threads is not counted'),
  decryptTask('jwe-gcm-decrypt', 'A256GCM', 'the time of other threads is not counted'),
];
