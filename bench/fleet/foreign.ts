/** What clients do with a service: log in, repeat a request, and revoke credentials. */
import type { Address } from '../load/connection/connection.ts';
import type { Response } from '../load/connection/response.ts';

/** Ways to end credentials before they expire. */
export const REVOCATION_KINDS = ['logout', 'logout-all', 'disable'] as const;
export type RevocationKind = (typeof REVOCATION_KINDS)[number];

/** A response that is neither success nor a refusal of the credential is `other`. */
export type Judgement = 'accepted' | 'refused' | 'other';

/** The result of one login. */
export interface ForeignSession {
  /** Its expiry, in ms since the epoch; null if unknown. */
  readonly endsAtMs: number | null;
  /** Bytes of the token, or of the cookie's name and value. */
  readonly credentialBytes: number;
  /** The bytes of the guarded request. */
  read(address: Address): Buffer;
  /** The bytes of the critical request; null if there is none. */
  critical(address: Address): Buffer | null;
}

export interface ForeignClients {
  /** The number of users who can log in. */
  readonly users: number;
  /** The user's label in results: from the configuration, or the number. User names stay out of results. */
  labelOf(user: number): string;
  readonly kinds: readonly RevocationKind[];
  /** Whether there is a critical request. */
  readonly hasCritical: boolean;
  /** @throws TollgateError with one line if the login returns no credential */
  logIn(address: Address, user: number): Promise<ForeignSession>;
  /**
   * Revokes this session, all of the user's, or the user's access. @returns false if the session had already ended
   * @throws TollgateError for any other response
   */
  revoke(address: Address, kind: RevocationKind, user: number, session: ForeignSession): Promise<boolean>;
  /** Re-enables a disabled user. */
  restore(address: Address, user: number): Promise<void>;
  /** Interprets the response to the guarded or the critical request for this user. */
  judge(response: Response, operation: 'read' | 'critical', user: number): Judgement;
  /** The same as data: the statuses of success, and the expected content of the body. */
  judgeRead(user: number): { readonly accepts: number[]; readonly holds?: string };
  /** The public request, and its statuses of success; null if there is none. */
  open(address: Address): { readonly wire: Buffer; readonly accepts: readonly number[] } | null;
}
