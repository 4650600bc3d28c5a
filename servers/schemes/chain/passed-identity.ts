/**
 * The identity that one service of a chain passes to the next, with an expiry, signed with a key that only the services
 * know (HMAC-SHA-256). So an inner service does not trust a client that merely reaches its port.
 */
import { hkdfSync } from 'node:crypto';
import type { Secrets } from '../../configuration.ts';
import type { Identity } from '../../contract.ts';
import { createSigner } from '../../hmac.ts';
import { secretBytes } from '../../keys.ts';

export const IDENTITY_HEADER = 'x-tollgate-identity';

/** A request passes its chain in milliseconds; clocks of services may differ by seconds. */
const LIFETIME_SECONDS = 30;
const KEY_BYTES = 32;
/** Separates the key from that of tokens: a token's signature is not valid here, nor vice versa. */
const KEY_LABEL = 'tollgate identity within a chain';

export interface PassedIdentity {
  /** @returns the value of the header */
  write(identity: Identity): string;
  /** Null for anything that this chain did not sign, or signed too long ago. */
  read(header: string | readonly string[] | undefined): Identity | null;
}

/** @param now in ms since the epoch */
export function passedIdentity(secrets: Pick<Secrets, 'hmacKey'>, now: () => number): PassedIdentity {
  const key = hkdfSync('sha256', secretBytes(secrets.hmacKey, 'hmacKey'), '', KEY_LABEL, KEY_BYTES);
  const signer = createSigner(Buffer.from(key));
  return {
    write({ id, username, roles }) {
      const exp = Math.floor(now() / 1000) + LIFETIME_SECONDS;
      const payload = Buffer.from(JSON.stringify({ id, username, roles, exp })).toString('base64url');
      return `${payload}.${signer.sign(payload)}`;
    },
    read(header) {
      if (typeof header !== 'string') return null;
      const dot = header.indexOf('.');
      const payload = header.slice(0, Math.max(0, dot));
      if (dot < 1 || !signer.matches(payload, header.slice(dot + 1))) return null;
      // Only this chain signs this form of payload.
      const { exp, ...identity } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Identity & {
        exp: number;
      };
      return exp * 1000 > now() ? identity : null;
    },
  };
}
