/** The bare cryptography of tokens, over the same bytes: the rest of a verification is the library's. */
import { createHmac, createPublicKey, createSign, timingSafeEqual, verify } from 'node:crypto';
import { AUDIENCE, claims, hmacKey, ISSUER, KEY_ID, rsaKeys, TOKEN_TYPE } from '../inputs.ts';
import { cycleVerifying, INPUTS, type MicroTask } from '../task.ts';

/** A token's encoded header and payload, which its signature covers. */
function signingInputs(algorithm: string): string[] {
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const header = encode({ alg: algorithm, typ: TOKEN_TYPE, kid: KEY_ID });
  const iat = Math.floor(Date.now() / 1000);
  const common = { iat, exp: iat + 86_400, iss: ISSUER, aud: AUDIENCE };
  return claims(INPUTS).map((each) => `${header}.${encode({ ...each, ...common })}`);
}

function underAnother<T extends { readonly signature: Buffer }>(one: T, { signature }: T): T[] {
  return [{ ...one, signature }];
}

export const cryptoTasks: readonly MicroTask[] = [
  {
    name: 'crypto-hs256',
    title: 'HMAC-SHA-256 over a token’s bytes and compare in constant time, node:crypto alone',
    needs: null,
    setup: (context) => {
      const key = hmacKey();
      const digest = (input: string) => createHmac('sha256', key).update(input).digest();
      const signed = signingInputs('HS256').map((input) => ({ input, signature: digest(input) }));
      return cycleVerifying(
        signed,
        context,
        ({ input, signature }) => timingSafeEqual(digest(input), signature),
        underAnother,
        (result) => result === true,
      );
    },
  },
  {
    name: 'crypto-rs256-verify',
    title: 'verify an RSA-SHA-256 signature over a token’s bytes, node:crypto alone, 2048 bits',
    needs: null,
    setup: (context) => {
      const { privateKey, publicKey } = rsaKeys();
      // Parsed once, as fast-jwt and every sensible server does.
      const key = createPublicKey(publicKey);
      const signed = signingInputs('RS256').map((input) => ({
        input: Buffer.from(input),
        signature: createSign('RSA-SHA256').update(input).sign(privateKey),
      }));
      return cycleVerifying(
        signed,
        context,
        ({ input, signature }) => verify('RSA-SHA256', input, key, signature),
        underAnother,
        (result) => result === true,
      );
    },
  },
];
