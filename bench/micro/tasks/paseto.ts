/**
 * PASETO version 4, with its counterparts: `v4.public` does the work of an EdDSA token, and `v4.local` that of a
 * sealed session.
 */
import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import { AUDIENCE, claims, edKeys, ISSUER } from '../inputs.ts';
import { cycleVerifying, INPUTS, type MicroTask } from '../task.ts';
import { localTokens, signPublic, verifyPublic } from './paseto-form.ts';

const DAY_MS = 86_400_000;

/** Claims as registered by PASETO, with times as text. */
function payloads(): string[] {
  const nowMs = Date.now();
  const time = (ms: number) => new Date(ms).toISOString();
  const common = { iat: time(nowMs), exp: time(nowMs + DAY_MS), iss: ISSUER, aud: AUDIENCE };
  return claims(INPUTS).map((each) => JSON.stringify({ ...each, ...common }));
}

/** Validates the claims like a server. @throws Error if they are wrong or expired */
function demanded(text: string): unknown {
  const found = JSON.parse(text);
  if (found.iss !== ISSUER || found.aud !== AUDIENCE || !(Date.parse(found.exp) > Date.now())) {
    throw new Error('A newly issued token was rejected.');
  }
  return found;
}

/** The start of each token with the end of the other. */
function mixed(one: string, other: string): string[] {
  const half = Math.floor(one.length / 2);
  return [one.slice(0, half) + other.slice(half), other.slice(0, half) + one.slice(half)];
}

export const pasetoTasks: readonly MicroTask[] = [
  {
    name: 'paseto-public-verify',
    title: 'verify a PASETO v4.public token (Ed25519) with node:crypto, and its claims',
    needs: null,
    setup: (context) => {
      const pair = edKeys();
      const signing = createPrivateKey(pair.privateKey);
      const verifying = createPublicKey(pair.publicKey);
      const tokens = payloads().map((payload) => signPublic(payload, signing));
      return cycleVerifying(tokens, context, (token) => demanded(verifyPublic(token, verifying)), mixed);
    },
  },
  {
    name: 'paseto-local-open',
    title: 'open a PASETO v4.local token (XChaCha20, keyed BLAKE2b) with libsodium, and check its claims',
    needs: null,
    setup: (context) => {
      const { encrypt, decrypt } = localTokens(randomBytes(32));
      const tokens = payloads().map((payload) => encrypt(payload, randomBytes(32)));
      return cycleVerifying(tokens, context, (token) => demanded(decrypt(token)), mixed);
    },
  },
];
