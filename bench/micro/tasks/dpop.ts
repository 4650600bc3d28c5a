/**
 * Proofs that a client has the key of its token (DPoP, RFC 9449): the work of a server per request, and that of its
 * client. jose verifies with the key in the proof, by WebCrypto in other threads, whose CPU time is not in these
 * figures but is in the toll of an arm.
 */
import { createHash, createPublicKey, randomUUID } from 'node:crypto';
import { createSigner } from 'fast-jwt';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
import { PROOF_TYPE } from '../../../servers/contract.ts';
import { ecKeys } from '../inputs.ts';
import { cycle, INPUTS, type MicroTask } from '../task.ts';
import { concurrent } from './concurrent.ts';

const DEMANDS = { algorithms: ['ES256'], typ: PROOF_TYPE, requiredClaims: ['jti', 'htm', 'htu', 'iat'] };
/** Clients: servers see many keys, and import one for each request. */
const KEYS = 64;

const claimsOf = () => ({
  htm: 'GET',
  htu: 'http://127.0.0.1:10000/me',
  jti: randomUUID(),
  ath: createHash('sha256').update(randomUUID()).digest('base64url'),
});

interface Client {
  readonly thumbprint: string;
  readonly sign: (claims: object) => string;
}

async function newClient(): Promise<Client> {
  const { publicKey, privateKey } = ecKeys();
  const { kty = '', crv = '', x = '', y = '' } = createPublicKey(publicKey).export({ format: 'jwk' });
  const jwk = { kty, crv, x, y };
  const header = { alg: 'ES256', typ: PROOF_TYPE, jwk };
  const sign = createSigner<object>({ key: privateKey, algorithm: 'ES256', header });
  return { thumbprint: await calculateJwkThumbprint(jwk), sign };
}

const isProof = async (proof: string, thumbprint: string): Promise<boolean> => {
  try {
    const { protectedHeader } = await jwtVerify(proof, EmbeddedJWK, DEMANDS);
    return (await calculateJwkThumbprint(protectedHeader.jwk ?? {})) === thumbprint;
  } catch {
    return false;
  }
};

export const dpopTasks: readonly MicroTask[] = [
  {
    name: 'dpop-proof-verify',
    title:
      'verify an ES256 proof with jose and the key in it, and compute its thumbprint; the time of other threads is not counted',
    needs: null,
    async setup(context) {
      const clients = await Promise.all(Array.from({ length: KEYS }, newClient));
      const proofs = Array.from({ length: INPUTS }, (_, index) => {
        const client = clients[index % KEYS];
        return { proof: client?.sign(claimsOf()) ?? '', thumbprint: client?.thumbprint ?? '' };
      });
      const [one, other] = proofs;
      if (await isProof(one?.proof ?? '', other?.thumbprint ?? ''))
        throw new Error('it accepts the proof of another key');
      return concurrent(context, true, (index) => isProof(proofs[index]?.proof ?? '', proofs[index]?.thumbprint ?? ''));
    },
  },
  {
    name: 'dpop-proof-sign',
    title: 'sign an ES256 proof for one request with fast-jwt, as its client does',
    needs: null,
    async setup(context) {
      const { sign, thumbprint } = await newClient();
      if (!(await isProof(sign(claimsOf()), thumbprint))) throw new Error('it does not sign a proof');
      return cycle(Array.from({ length: INPUTS }, claimsOf), context, sign, 8);
    },
  },
];
