/**
 * Creates tokens as an attacker would, or as a server with the arm's keys would, to try one claim or header at a
 * time.
 */
import { createPrivateKey } from 'node:crypto';
import type { Secrets } from '../../../servers/configuration.ts';
import { type ClientSession, secretOf, withSecret } from '../client-session.ts';
import { readOnceServed } from '../served.ts';
import type { GateTarget } from '../target.ts';
import type { Which } from '../which.ts';
import { hmacWith, type Json, readToken, type Sign, signedWith, type Token, writeToken } from './tokens.ts';

export const hmacKeyOf = ({ hmacKey }: Secrets): Buffer => Buffer.from(hmacKey, 'base64');

/** Returns the arm's own signer. @throws Error for an algorithm that no arm has */
export function signerOf(algorithm: unknown, secrets: Secrets): Sign {
  switch (algorithm) {
    case 'HS256':
    case 'HS384':
    case 'HS512':
      return hmacWith(hmacKeyOf(secrets), `sha${algorithm.slice(2)}`);
    case 'RS256':
      return signedWith(createPrivateKey(secrets.rsaPrivateKey), 'sha256');
    case 'ES256':
      return signedWith(createPrivateKey(secrets.ecPrivateKey), 'sha256');
    case 'EdDSA':
      return signedWith(createPrivateKey(secrets.edPrivateKey), null);
    default:
      throw new Error(`tokens are signed with ${String(algorithm).slice(0, 20)}, which the gate cannot forge`);
  }
}

/** A forged token, and its description as the start of a sentence. */
export type Forgery = readonly [what: string, token: string];

export interface Forger {
  /** A parsed token that was issued to `session.user`. */
  readonly token: Token;
  readonly session: ClientSession;
  readonly sign: Sign;
  /** Returns the issued token with some header fields or claims changed, signed as the server does. */
  resigned(header: Json, claims: Json): string;
  /**
   * Presents each forgery at a replica. @returns a fault for each that did not get 401, and one if an unaltered token
   * is refused, since a refusal then proves nothing; the unaltered token is signed by the gate if it has the key
   */
  faults(forgeries: readonly Forgery[], which?: Which): Promise<string[]>;
}

const withoutKey: Sign = () => {
  throw new Error('the key of its tokens is not known');
};

/** Logs a user in to get a token. @throws Error if the login returns none */
export async function forgerOf(target: GateTarget): Promise<Forger> {
  const session = await target.login(0, target.freshUser(), { credential: 'token' });
  const token = readToken(secretOf(session) ?? '');
  const make = target.canSign ? signerOf(token.header.alg, target.secrets) : withoutKey;
  const statusOf = async (which: Which, text: string) =>
    (await readOnceServed(target, which, withSecret(session, text))).status;

  return {
    token,
    session,
    sign: make,
    resigned: (header, claims) => writeToken({ ...token.header, ...header }, { ...token.claims, ...claims }, make),
    async faults(forgeries, which = 0) {
      const faults: string[] = [];
      const own = target.canSign ? writeToken(token.header, token.claims, make) : (secretOf(session) ?? '');
      const control = await statusOf(which, own);
      const whose = target.canSign ? "a token that the gate signed with the arm's key" : 'the token itself';
      if (control !== 200) faults.push(`${whose} got ${control}`);
      for (const [what, text] of forgeries) {
        const status = await statusOf(which, text);
        if (status !== 401) faults.push(`${what} got ${status}`);
      }
      return faults;
    },
  };
}
