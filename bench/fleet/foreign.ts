/** What clients do at a fleet that is no arm of ours: they log in, repeat a request, and end what they hold. */
import type { Address } from '../load/connection/connection.ts';
import type { Response } from '../load/connection/response.ts';

/** What ends credentials before they expire. */
export const REVOCATION_KINDS = ['logout', 'logout-all', 'disable'] as const;
export type RevocationKind = (typeof REVOCATION_KINDS)[number];

/** An answer that is neither success nor a refusal of the credential is `other`. */
export type Judgement = 'accepted' | 'refused' | 'other';

/** What one login gave. */
export interface ForeignSession {
  /** When it ends by itself, in ms since the epoch; null where that is not known. */
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
  /** What results call a user: as the configuration says, or by number. Names of users stay out of results. */
  labelOf(user: number): string;
  readonly kinds: readonly RevocationKind[];
  /** Whether there is a critical request. */
  readonly hasCritical: boolean;
  /** @throws TollgateError in one line when the login gives no credential */
  logIn(address: Address, user: number): Promise<ForeignSession>;
  /**
   * Asks to end this session, all of the user's, or the user's access.
   * @returns false where the session had ended by itself
   * @throws TollgateError when it is answered otherwise
   */
  revoke(address: Address, kind: RevocationKind, user: number, session: ForeignSession): Promise<boolean>;
  /** Lets a disabled user in again. */
  restore(address: Address, user: number): Promise<void>;
  /** Says what an answer to the guarded, or to the critical request means for this user. */
  judge(response: Response, operation: 'read' | 'critical', user: number): Judgement;
  /** The same as data: the statuses of success, and what a body then holds. */
  judgeRead(user: number): { readonly accepts: number[]; readonly holds?: string };
  /** The public request, and its statuses of success; null if there is none. */
  open(address: Address): { readonly wire: Buffer; readonly accepts: readonly number[] } | null;
}
