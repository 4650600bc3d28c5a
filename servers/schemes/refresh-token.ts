/** Refresh tokens: a family, a number, and an HMAC that only a server can make. They are opaque to the client and not JWTs. */

import type { Secrets } from '../configuration.ts';
import { createSigner } from '../hmac.ts';
import { secretBytes } from '../keys.ts';

export interface RefreshTokens {
  write(familyId: string, number: number): string;
  /** Returns null for a forged token, which is then refused without asking the store or ending a family. */
  read(token: string): { readonly familyId: string; readonly number: number } | null;
}

const FORM = /^([A-Za-z0-9_-]{22})\.([1-9]\d{0,8})\.([A-Za-z0-9_-]{43})$/;

/** @throws StartError BAD_START if a key is too weak */
export function refreshTokens(secrets: Secrets): RefreshTokens {
  const old = secrets.previous?.hmacKey;
  const signer = createSigner(secretBytes(secrets.hmacKey, 'hmacKey'));
  const signers = old === undefined ? [signer] : [signer, createSigner(secretBytes(old, 'previous.hmacKey'))];
  // The label separates these HMACs from access tokens signed with the same key.
  const labelled = (familyId: string, number: number) => `refresh\0${familyId}\0${number}`;
  return {
    write: (familyId, number) => `${familyId}.${number}.${signer.sign(labelled(familyId, number))}`,
    read(token) {
      const [, familyId, digits, mac] = FORM.exec(token) ?? [];
      if (familyId === undefined || mac === undefined) return null;
      const number = Number(digits);
      const isOurs = signers.some((by) => by.matches(labelled(familyId, number), mac));
      return isOurs ? { familyId, number } : null;
    },
  };
}
