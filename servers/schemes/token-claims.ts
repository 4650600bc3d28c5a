/** What a token says beside the registered claims `iss`, `aud`, `exp` and `iat`. */
export interface TokenClaims {
  readonly sub: string;
  readonly username: string;
  readonly roles: string[];
  readonly jti: string;
  /** The session or refresh family that the token belongs to, in schemes that keep one. */
  readonly sid?: string;
  /** When it was issued, in ms since the epoch, in schemes that end tokens by user: `iat` has only seconds. */
  readonly issuedMs?: number;
}
