/** HMAC keys that an attacker tries first: those of tutorials and defaults, in their usual forms. */
import { createHash } from 'node:crypto';

const WORDS = [
  'secret',
  'Secret',
  'secretkey',
  'secret_key',
  'secret-key',
  'mysecret',
  'my-secret',
  'supersecret',
  'super-secret',
  'super-secret-key',
  'supersecretkey',
  'shhhhh',
  'shhh',
  'jwt',
  'jwtsecret',
  'jwt_secret',
  'jwt-secret',
  'JWT_SECRET',
  'your-256-bit-secret',
  'your-384-bit-secret',
  'your-512-bit-secret',
  'your_jwt_secret',
  'your-secret-key',
  'your-super-secret-jwt-token-with-at-least-32-characters-long',
  'a-string-secret-at-least-256-bits-long',
  'a secret with minimum length of 32 characters',
  'averylogphrasebiggerthanthirtytwochars',
  'changeme',
  'change-me',
  'changeit',
  'password',
  'passw0rd',
  '123456',
  '12345678',
  'admin',
  'test',
  'key',
  'private',
  'token',
  'fastify',
  'tollgate',
  'hmac',
  '',
] as const;

const SIZES = [32, 48, 64] as const;

function repeated(word: string, bytes: number): Buffer {
  return Buffer.alloc(bytes, word);
}

function padded(word: string, bytes: number): Buffer {
  const key = Buffer.alloc(bytes);
  key.write(word);
  return key;
}

/** Returns every key to try: each word itself, repeated and padded to the usual sizes, hashed, and decoded as base64. */
export function guessableKeys(): Buffer[] {
  return WORDS.flatMap((word) => [
    Buffer.from(word),
    Buffer.from(word, 'base64'),
    ...SIZES.flatMap((bytes) => [repeated(word, bytes), padded(word, bytes)]),
    ...['md5', 'sha1', 'sha256', 'sha512'].map((hash) => createHash(hash).update(word).digest()),
  ]);
}
