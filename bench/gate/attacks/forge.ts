/** Tokens as an attacker makes them, or a server with the arm's keys: to try one claim or one header at a time. */
import { createHmac, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { Secrets } from '../../../servers/contract.ts';
import { type ClientSession, secretOf, withSecret } from '../client-session.ts';
import type { GateTarget } from '../target.ts';
import type { Which } from '../which.ts';

export type Json = Readonly<Record<string, unknown>>;
/** Makes the signature of `header.payload`, in base64url. */
export type Sign = (signed: string) => string;

export interface Token {
  readonly header: Json;
  readonly claims: Json;
  /** In base64url. */
  readonly signature: string;
}

const encode = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function decode(part: string): Json {
  const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
  if (typeof value !== 'object' || value === null) throw new TypeError('a part of the token holds no object');
  return value as Json;
}

/** @throws Error where it is no signed JSON Web Token; nothing of it is in the message */
export function readToken(text: string): Token {
  const [header, claims, signature, ...more] = text.split('.');
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0)
    throw new Error('the credential is no JSON Web Token');
  return { header: decode(header), claims: decode(claims), signature };
}

export function writeToken(header: Json, claims: Json, make: Sign): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${make(signed)}`;
}

export const hmacWith =
  (key: Buffer | string, hash = 'sha256'): Sign =>
  (signed) =>
    createHmac(hash, key).update(signed).digest('base64url');

/** @param hash null for Ed25519, which hashes by itself */
export const signedWith =
  (key: KeyObject, hash: string | null, padding?: number): Sign =>
  (signed) =>
    sign(hash, Buffer.from(signed), {
      key,
      dsaEncoding: 'ieee-p1363',
      ...(padding === undefined ? {} : { padding }),
    }).toString('base64url');

export const hmacKeyOf = ({ hmacKey }: Secrets): Buffer => Buffer.from(hmacKey, 'base64');

/** The arm's own way to sign. @throws Error for an algorithm that no arm has */
export function signerOf(algorithm: unknown, secrets: Secrets): Sign {
  switch (algorithm) {
    case 'HS256':
      return hmacWith(hmacKeyOf(secrets));
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

/** A forgery, and what it is, to begin a sentence with. */
export type Forgery = readonly [what: string, token: string];

export interface Forger {
  /** A token that was issued to `held.user`, taken apart. */
  readonly token: Token;
  readonly held: ClientSession;
  readonly sign: Sign;
  /** The token as it was issued, with some header fields or claims changed, and signed as the server does. */
  resigned(header: Json, claims: Json): string;
  /**
   * Presents each forgery at a replica.
   * @returns a fault for each that was not answered 401, and one where an unaltered token that the gate signed itself
   *   is refused: then a refusal proves nothing
   */
  faults(forgeries: readonly Forgery[], which?: Which): Promise<string[]>;
}

/** Logs a user in for a token. @throws Error where the login gives none */
export async function forgerOf(target: GateTarget): Promise<Forger> {
  const held = await target.login(0, target.freshUser(), { credential: 'token' });
  const token = readToken(secretOf(held) ?? '');
  const make = signerOf(token.header.alg, target.secrets);
  const statusOf = async (which: Which, text: string) => (await target.read(which, withSecret(held, text))).status;

  return {
    token,
    held,
    sign: make,
    resigned: (header, claims) => writeToken({ ...token.header, ...header }, { ...token.claims, ...claims }, make),
    async faults(forgeries, which = 0) {
      const faults: string[] = [];
      const control = await statusOf(which, writeToken(token.header, token.claims, make));
      if (control !== 200) faults.push(`a token that the gate signed with the arm's key was answered with ${control}`);
      for (const [what, text] of forgeries) {
        const status = await statusOf(which, text);
        if (status !== 401) faults.push(`${what} was answered with ${status}`);
      }
      return faults;
    },
  };
}
