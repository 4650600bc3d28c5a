/** What a refresh token is: family, number, and an HMAC that only a server could have made. Opaque to the client, and no JWT. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secrets } from '../contract.ts';
import { secretKey } from '../keys.ts';

export interface RefreshTokens {
  write(familyId: string, number: number): string;
  /** Null for what no server made: it is refused without asking the store, and without ending anybody's family. */
  read(token: string): { readonly familyId: string; readonly number: number } | null;
}

const FORM = /^([A-Za-z0-9_-]{22})\.([1-9]\d{0,8})\.([A-Za-z0-9_-]{43})$/;

/** @throws StartError BAD_START where a key is too weak */
export function refreshTokens(secrets: Secrets): RefreshTokens {
  const old = secrets.previous?.hmacKey;
  const key = secretKey(secrets.hmacKey, 'hmacKey');
  const keys = old === undefined ? [key] : [key, secretKey(old, 'previous.hmacKey')];
  // The label keeps these apart from access tokens that the same key signs.
  const macOf = (familyId: string, number: number, by = key) =>
    createHmac('sha256', by).update(`refresh\0${familyId}\0${number}`).digest('base64url');
  return {
    write: (familyId, number) => `${familyId}.${number}.${macOf(familyId, number)}`,
    read(token) {
      const [, familyId, digits, mac] = FORM.exec(token) ?? [];
      if (familyId === undefined || mac === undefined) return null;
      const number = Number(digits);
      const given = Buffer.from(mac);
      const isOurs = keys.some((by) => timingSafeEqual(Buffer.from(macOf(familyId, number, by)), given));
      return isOurs ? { familyId, number } : null;
    },
  };
}
