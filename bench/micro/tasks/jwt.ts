/**
 * Tokens through fast-jwt, configured like a careful server: algorithm, issuer, audience and claims are all required.
 */
import { createDecoder, createSigner, createVerifier, type SignerOptions, type VerifierOptions } from 'fast-jwt';
import { AUDIENCE, claims, ecKeys, edKeys, hmacKey, ISSUER, KEY_ID, rsaKeys, TOKEN_TYPE } from '../inputs.ts';
import { cycle, cycleVerifying, INPUTS, type MicroTask } from '../task.ts';
import { signatureChecker, textOf } from './by-hand.ts';

type Algorithm = 'HS256' | 'RS256' | 'ES256' | 'EdDSA';

interface Keys {
  readonly signing: string | Buffer;
  readonly verifying: string | Buffer;
}

const KEY_PAIRS = { RS256: rsaKeys, ES256: ecKeys, EdDSA: edKeys } as const;

function freshKeys(algorithm: Algorithm): Keys {
  if (algorithm === 'HS256') {
    const key = hmacKey();
    return { signing: key, verifying: key };
  }
  const { privateKey, publicKey } = KEY_PAIRS[algorithm]();
  return { signing: privateKey, verifying: publicKey };
}

function signer(algorithm: Algorithm, key: string | Buffer) {
  const options: SignerOptions = {
    algorithm,
    iss: ISSUER,
    aud: AUDIENCE,
    kid: KEY_ID,
    expiresIn: 86_400_000,
    header: { alg: algorithm, typ: TOKEN_TYPE },
  };
  return createSigner<Record<string, unknown>>({ ...options, key });
}

function verifier(algorithm: Algorithm, key: string | Buffer, cache: boolean) {
  const options: VerifierOptions = {
    algorithms: [algorithm],
    checkTyp: TOKEN_TYPE,
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
    requiredClaims: ['exp', 'aud', 'iss', 'jti', 'sub'],
    cache: cache ? 2 * INPUTS : false,
  };
  return createVerifier<string>({ ...options, key });
}

function verifyTask(name: string, title: string, algorithm: Algorithm, cache: boolean): MicroTask {
  return {
    name,
    title,
    needs: null,
    setup: (context) => {
      const keys = freshKeys(algorithm);
      const sign = signer(algorithm, keys.signing);
      const tokens = claims(INPUTS).map((each) => sign(each));
      return cycleVerifying(tokens, context, verifier(algorithm, keys.verifying, cache), mixedTokens);
    },
  };
}

function signTask(name: string, title: string, algorithm: Algorithm, operationsPerRun: number): MicroTask {
  return {
    name,
    title,
    needs: null,
    setup: (context) =>
      cycle(claims(INPUTS), context, signer(algorithm, freshKeys(algorithm).signing), operationsPerRun),
  };
}

const BASE64URL = /^[A-Za-z0-9_-]*$/;

const verifyByHand: MicroTask = {
  name: 'hs256-verify-by-hand',
  title: 'verify an HS256 token of a known header with two one-shot SHA-256 and one JSON.parse (hand-tuned token)',
  needs: null,
  setup: (context) => {
    const key = hmacKey();
    const sign = signer('HS256', key);
    const tokens = claims(INPUTS).map((each) => sign(each));
    const header = tokens[0]?.slice(0, tokens[0].indexOf('.') + 1) ?? '';
    const matches = signatureChecker(key);
    const decoded = Buffer.alloc(2_048);
    const verify = (token: string) => {
      if (!token.startsWith(header)) throw new Error('The token has a different header.');
      const payload = textOf(token, matches).slice(header.length);
      if (!BASE64URL.test(payload)) throw new Error('The token is not base64url.');
      const bytes = decoded.write(payload, 0, 'base64url');
      const found = JSON.parse(decoded.toString('utf8', 0, bytes));
      if (found.iss !== ISSUER || found.aud !== AUDIENCE || found.exp * 1000 <= Date.now()) {
        throw new Error('A newly issued token was rejected.');
      }
      return found;
    };
    return cycleVerifying(tokens, context, verify, mixedTokens);
  },
};

/** Each one's claims with the other's signature. */
function mixedTokens(one: string, other: string): string[] {
  const [header, claimed, signature] = one.split('.');
  const [, otherClaimed, otherSignature] = other.split('.');
  return [`${header}.${otherClaimed}.${signature}`, `${header}.${claimed}.${otherSignature}`];
}

export const jwtTasks: readonly MicroTask[] = [
  verifyTask('hs256-verify', 'verify an HS256 token with fast-jwt, a different one each time', 'HS256', false),
  verifyByHand,
  verifyTask('rs256-verify', 'verify an RS256 token with fast-jwt, a different one each time', 'RS256', false),
  verifyTask('es256-verify', 'verify an ES256 token with fast-jwt, a different one each time', 'ES256', false),
  verifyTask('eddsa-verify', 'verify an EdDSA token with fast-jwt, a different one each time', 'EdDSA', false),
  verifyTask(
    'hs256-verify-cached',
    'find an HS256 token in fast-jwt’s cache of verified tokens, which is what a benchmark with few tokens measures',
    'HS256',
    true,
  ),
  {
    name: 'jwt-decode',
    title: 'read a token’s claims without verifying it, as @fastify/jwt does before it verifies',
    needs: null,
    setup: (context) => {
      const sign = signer('HS256', hmacKey());
      const tokens = claims(INPUTS).map((each) => sign(each));
      return cycle(tokens, context, createDecoder());
    },
  },
  signTask('hs256-sign', 'sign an HS256 token with fast-jwt', 'HS256', 32),
  // A private-key operation takes long enough to be timed almost alone.
  signTask('rs256-sign', 'sign an RS256 token with fast-jwt, 2048 bits', 'RS256', 2),
];
