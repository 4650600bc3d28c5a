/**
 * Tokens with a key found in a key set by its name, through jose, which verifies by WebCrypto in other threads, whose
 * CPU time is not in these figures but is in the toll of an arm. Also the cost of a rotation and of an unknown name
 * to a replica, without the fetch.
 */
import { createPublicKey } from 'node:crypto';
import { createSigner } from 'fast-jwt';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify, type LocalJWKSet } from 'jose';
import { AUDIENCE, claims, ISSUER, KEY_ID, rsaKeys, TOKEN_TYPE } from '../inputs.ts';
import { INPUTS, type MicroTask } from '../task.ts';
import { concurrent } from './concurrent.ts';

const DEMANDS = {
  algorithms: ['RS256'],
  typ: TOKEN_TYPE,
  issuer: ISSUER,
  audience: AUDIENCE,
  requiredClaims: ['exp', 'jti', 'sub'],
};

interface Prepared {
  readonly keySet: JSONWebKeySet;
  readonly tokens: readonly string[];
}

/**
 * A key set as authorization servers publish it: the current, the next and the previous key. @param keyId named in
 * the tokens
 */
function prepare(keyId: string): Prepared {
  const pairs = [KEY_ID, 'next', 'last'].map((kid) => ({ kid, ...rsaKeys() }));
  const keys = pairs.map(({ kid, publicKey }) => ({
    ...createPublicKey(publicKey).export({ format: 'jwk' }),
    kid,
    alg: 'RS256',
    use: 'sig',
  }));
  const sign = createSigner<Record<string, unknown>>({
    key: pairs[0]?.privateKey ?? '',
    algorithm: 'RS256',
    iss: ISSUER,
    aud: AUDIENCE,
    kid: keyId,
    expiresIn: 86_400_000,
    header: { alg: 'RS256', typ: TOKEN_TYPE },
  });
  return { keySet: { keys } as JSONWebKeySet, tokens: claims(INPUTS).map((each) => sign(each)) };
}

const isAccepted = (token: string, set: LocalJWKSet) =>
  jwtVerify(token, set, DEMANDS).then(
    () => true,
    () => false,
  );

export const jwksTasks: readonly MicroTask[] = [
  {
    name: 'rs256-verify-jwks',
    title: 'verify an RS256 token with jose and the key of its kid; the time of other threads is not counted',
    needs: null,
    async setup(context) {
      const { keySet, tokens } = prepare(KEY_ID);
      const set = createLocalJWKSet(keySet);
      const [one = '', other = ''] = tokens;
      const mixed = `${one.slice(0, one.lastIndexOf('.'))}${other.slice(other.lastIndexOf('.'))}`;
      if (await isAccepted(mixed, set)) throw new Error('it accepts altered input');
      return concurrent(context, true, (index) => isAccepted(tokens[index] ?? '', set));
    },
  },
  {
    name: 'jwks-unknown-key',
    title: 'reject an RS256 token with an unknown key id, with jose, without a fetch',
    needs: null,
    async setup(context) {
      const { keySet, tokens } = prepare('unknown');
      const set = createLocalJWKSet(keySet);
      return concurrent(context, false, (index) => isAccepted(tokens[index] ?? '', set));
    },
  },
  {
    name: 'jwks-rotation',
    title: 'switch to a new key set with jose: parse it, and verify the first token, which imports its key',
    needs: null,
    async setup(context) {
      const { keySet, tokens } = prepare(KEY_ID);
      const text = JSON.stringify(keySet);
      const renewed = () => createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
      return concurrent(context, true, (index) => isAccepted(tokens[index] ?? '', renewed()));
    },
  },
];
