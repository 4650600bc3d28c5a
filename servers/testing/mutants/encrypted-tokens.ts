/** Mutants of encrypted tokens: schemes that decrypt with the algorithm in the header, or accept altered or outdated tokens. */
import { constants, privateDecrypt } from 'node:crypto';
import { alsoOpens, contentKey, decryptCbc, decryptGcm, type ReadEncryption } from '../jwe-tools.ts';
import { hmac } from '../jwt-tools.ts';
import type { Mutant } from '../mutant.ts';

/** Whether the header is like those of the server, so that a mutant has only its own vulnerability. */
const isOwn = ({ header: { alg, crit, kid, zip } }: ReadEncryption): boolean =>
  alg === 'dir' && crit === undefined && zip === undefined && kid !== undefined && kid !== 'unknown';

const isOwnGcm = (token: ReadEncryption): boolean =>
  isOwn(token) && token.header.enc === 'A256GCM' && token.tag.length === 16;

export const ENCRYPTION_MUTANTS: readonly Mutant[] = [
  {
    name: 'enc-of-the-header',
    arm: 'jwe-cookie',
    check: 70,
    hole: 'The token says which cipher decrypts it, and the key is cut to fit.',
    scheme: (real, context) =>
      alsoOpens(real, context, (token) => {
        const key = contentKey('A256CBC-HS512', context);
        if (token.header.alg !== 'dir' || token.header.enc !== 'A256GCM' || token.tag.length !== 16) return null;
        return decryptGcm(key.subarray(0, 32), token);
      }),
  },
  {
    name: 'alg-of-the-header',
    arm: 'jwe-cookie-gcm',
    check: 70,
    hole: 'A token for the public RSA key of the server is decrypted too, and anybody can make one.',
    scheme: (real, context) =>
      alsoOpens(
        real,
        context,
        (token) => {
          const { header, encryptedKey, tag } = token;
          if (header.alg !== 'RSA-OAEP-256' || header.enc !== 'A256GCM' || tag.length !== 16) return null;
          const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
          return decryptGcm(privateDecrypt({ key: context.secrets.rsaPrivateKey, ...oaep }, encryptedKey), token);
        },
        { anyForm: true },
      ),
  },
  {
    name: 'signed-is-as-good',
    arm: 'jwe-cookie',
    check: 70,
    hole: 'A token that is signed with the key passes for an encrypted one, and shows what it holds.',
    scheme: (real, context) =>
      alsoOpens(
        real,
        context,
        ({ header, text }) => {
          const [head, payload = '', signature] = text.split('.');
          const isSigned = signature === hmac(contentKey('A256CBC-HS512', context), `${head}.${payload}`);
          return header.alg === 'HS256' && isSigned ? Buffer.from(payload, 'base64url').toString() : null;
        },
        { anyForm: true },
      ),
  },
  {
    name: 'short-tags',
    arm: 'jwe-cookie-gcm',
    check: 71,
    hole: 'A tag is compared up to its own length, so that one of four bytes can be guessed.',
    scheme: (real, context) =>
      alsoOpens(real, context, (token) => {
        if (!isOwn(token) || token.header.enc !== 'A256GCM' || token.tag.length >= 16) return null;
        return decryptGcm(contentKey('A256GCM', context), token);
      }),
  },
  {
    name: 'tag-unchecked',
    arm: 'jwe-cookie',
    check: 71,
    hole: 'The token is decrypted, and its tag is not compared with anything.',
    scheme: (real, context) =>
      alsoOpens(
        real,
        context,
        (token) => {
          if (!isOwn(token) || token.header.enc !== 'A256CBC-HS512') return null;
          return decryptCbc(contentKey('A256CBC-HS512', context), token);
        },
        { anyForm: true },
      ),
    alsoFails: { 22: 'an altered tag is an altered cookie' },
  },
  {
    name: 'expiry-of-encrypted-ignored',
    arm: 'jwe-cookie-gcm',
    check: 72,
    hole: 'What decrypts counts, whether it has expired or not.',
    scheme: (real, context) =>
      alsoOpens(
        real,
        context,
        (token) => (isOwnGcm(token) ? decryptGcm(contentKey('A256GCM', context), token) : null),
        { anyExpiry: true },
      ),
  },
  {
    name: 'type-of-encrypted-ignored',
    arm: 'jwe-cookie-gcm',
    check: 72,
    hole: 'A token of the same key for another purpose counts as a session.',
    scheme: (real, context) =>
      alsoOpens(
        real,
        context,
        (token) => (isOwnGcm(token) ? decryptGcm(contentKey('A256GCM', context), token) : null),
        { anyType: true },
      ),
  },
];
