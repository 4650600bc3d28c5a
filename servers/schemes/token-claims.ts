/** The claims of a token in addition to the registered claims `iss`, `aud`, `exp` and `iat`. */
export interface TokenClaims {
  readonly sub: string;
  readonly username: string;
  readonly roles: string[];
  readonly jti: string;
  /** The session or refresh family of the token, in schemes that store one. */
  readonly sid?: string;
  /** The time of issue in ms since the epoch, in schemes that revoke tokens by user: `iat` has only seconds. */
  readonly issuedMs?: number;
  /** The thumbprint of the key that the token is bound to (RFC 7638), in schemes whose tokens are bound to one (RFC 9449 §6.1). */
  readonly cnf?: { readonly jkt: string };
  /** The token's place in a status list, in schemes that publish one (draft-ietf-oauth-status-list §6.1). */
  readonly status?: { readonly status_list: { readonly idx: number; readonly uri: string } };
}
