/** A session in an encrypted cookie, as @fastify/secure-session seals and opens it (XSalsa20-Poly1305). */
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { sessions } from '../inputs.ts';
import { cycle, cycleVerifying, INPUTS, type MicroTask } from '../task.ts';

/** The functions of libsodium that the plugin uses; the package has no types. */
interface Sodium {
  readonly crypto_secretbox_KEYBYTES: number;
  readonly crypto_secretbox_MACBYTES: number;
  readonly crypto_secretbox_NONCEBYTES: number;
  crypto_secretbox_easy(cipher: Buffer, message: Buffer, nonce: Buffer, key: Buffer): void;
  crypto_secretbox_open_easy(message: Buffer, cipher: Buffer, nonce: Buffer, key: Buffer): boolean;
  randombytes_buf(bytes: Buffer): void;
}

/** sodium-native as the plugin resolves it, so that the same version is timed. */
function sodiumOfPlugin(): Sodium {
  const fromPlugin = createRequire(createRequire(import.meta.url).resolve('@fastify/secure-session'));
  return fromPlugin('sodium-native') as Sodium;
}

function sealer(sodium: Sodium, key: Buffer): (text: string) => string {
  return (text) => {
    const nonce = Buffer.allocUnsafe(sodium.crypto_secretbox_NONCEBYTES);
    sodium.randombytes_buf(nonce);
    const message = Buffer.from(text);
    const cipher = Buffer.allocUnsafe(message.length + sodium.crypto_secretbox_MACBYTES);
    sodium.crypto_secretbox_easy(cipher, message, nonce, key);
    return `${cipher.toString('base64')};${nonce.toString('base64')}`;
  };
}

function opener(sodium: Sodium, key: Buffer): (cookie: string) => Buffer {
  return (cookie) => {
    const at = cookie.indexOf(';');
    const cipher = Buffer.from(cookie.slice(0, at), 'base64');
    const nonce = Buffer.from(cookie.slice(at + 1), 'base64');
    const message = Buffer.allocUnsafe(cipher.length - sodium.crypto_secretbox_MACBYTES);
    if (!sodium.crypto_secretbox_open_easy(message, cipher, nonce, key)) {
      throw new Error('A newly sealed cookie was rejected.');
    }
    return message;
  };
}

/** The ciphertext of one with the nonce of the other, and one with a changed letter. */
function withAnotherNonce(one: string, other: string): string[] {
  const [cipher = ''] = one.split(';');
  const nonce = one.slice(cipher.length);
  const altered = `${cipher.startsWith('A') ? 'B' : 'A'}${cipher.slice(1)}`;
  return [`${cipher}${other.slice(other.indexOf(';'))}`, `${altered}${nonce}`];
}

const texts = () => sessions(INPUTS).map((session) => JSON.stringify(session));

export const sealedTasks: readonly MicroTask[] = [
  {
    name: 'secretbox-open',
    title: 'open a sealed session of about 220 B from its cookie (XSalsa20-Poly1305), without parsing it',
    needs: null,
    setup: (context) => {
      const sodium = sodiumOfPlugin();
      const key = randomBytes(sodium.crypto_secretbox_KEYBYTES);
      return cycleVerifying(texts().map(sealer(sodium, key)), context, opener(sodium, key), withAnotherNonce);
    },
  },
  {
    name: 'secretbox-seal',
    title: 'seal a session of about 220 B into a cookie (XSalsa20-Poly1305)',
    needs: null,
    setup: (context) => {
      const sodium = sodiumOfPlugin();
      return cycle(texts(), context, sealer(sodium, randomBytes(sodium.crypto_secretbox_KEYBYTES)));
    },
  },
];
