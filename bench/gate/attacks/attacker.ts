/** An attacker's tools: their own keys, a server that publishes them, and signatures made with other algorithms. */
import { constants, createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { listen } from '../../processes/listen.ts';
import type { GateTarget } from '../target.ts';
import { hmacKeyOf } from './forge.ts';
import { hmacWith, type Sign, signedWith } from './tokens.ts';

/** Returns the public key of the arm's key pair, which an attacker has too. */
export function publicPemOf({ arm, secrets }: GateTarget): string {
  if (arm.tokenAlgorithm === 'RS256') return secrets.rsaPublicKey;
  return arm.tokenAlgorithm === 'ES256' ? secrets.ecPublicKey : secrets.edPublicKey;
}

/** Returns signers with the right key and an algorithm that the arm does not use. */
export function otherAlgorithms({ arm, secrets }: GateTarget): (readonly [alg: string, make: Sign])[] {
  switch (arm.tokenAlgorithm) {
    case 'RS256': {
      const key = createPrivateKey(secrets.rsaPrivateKey);
      return [
        ['RS384', signedWith(key, 'sha384')],
        ['RS512', signedWith(key, 'sha512')],
        ['PS256', signedWith(key, 'sha256', constants.RSA_PKCS1_PSS_PADDING)],
      ];
    }
    case 'ES256': {
      const key = createPrivateKey(secrets.ecPrivateKey);
      return [
        ['ES384', signedWith(key, 'sha384')],
        ['ES512', signedWith(key, 'sha512')],
      ];
    }
    case 'EdDSA':
      return [['Ed25519', signedWith(createPrivateKey(secrets.edPrivateKey), null)]];
    default: {
      const key = hmacKeyOf(secrets);
      const others = ['HS384', 'HS512', 'HS256'].filter((alg) => alg !== arm.tokenAlgorithm).slice(0, 2);
      return others.map((alg) => [alg, hmacWith(key, `sha${alg.slice(2)}`)]);
    }
  }
}

/** Flips one bit of one byte of the signature. */
export function flipped(signature: string, at: number): string {
  const bytes = Buffer.from(signature, 'base64url');
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  return bytes.toString('base64url');
}

const pairOf = promisify(generateKeyPair);

/** Makes the attacker's own key pair for the arm's algorithm, or for ES256 if that is an HMAC. */
export async function attackersKey({ arm }: GateTarget): Promise<{ alg: string; key: KeyObject; make: Sign }> {
  if (arm.tokenAlgorithm === 'RS256') {
    const { privateKey } = await pairOf('rsa', { modulusLength: 2048 });
    return { alg: 'RS256', key: privateKey, make: signedWith(privateKey, 'sha256') };
  }
  if (arm.tokenAlgorithm === 'EdDSA') {
    const { privateKey } = await pairOf('ed25519', {});
    return { alg: 'EdDSA', key: privateKey, make: signedWith(privateKey, null) };
  }
  const { privateKey } = await pairOf('ec', { namedCurve: 'P-256' });
  return { alg: 'ES256', key: privateKey, make: signedWith(privateKey, 'sha256') };
}

/** Serves the attacker's key on loopback, and counts the visits of a server that follows a URL in a token. */
export async function keyServer(jwk: unknown): Promise<{ url: string; visits(): number; close(): Promise<void> }> {
  let visits = 0;
  const server = createServer((_request, response) => {
    visits += 1;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
  });
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  return {
    url: `http://127.0.0.1:${port}/keys.json`,
    visits: () => visits,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
