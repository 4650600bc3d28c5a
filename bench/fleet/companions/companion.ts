/** What an arm needs in addition to its replicas and Redis, such as an authorization server, a database or its file. */

import type { CompanionAddress, Secrets } from '../../../servers/configuration.ts';
import type { CompanionKind } from '../../../servers/contract.ts';
import type { Janitor } from '../../processes/janitor.ts';

/** What can be done to one that holds the arm's state. */
export interface CompanionFaults {
  /** It answers no client from now on, and keeps every connection open. */
  freeze(): void;
  thaw(): void;
  /** Ends it at once: every connection breaks, and new ones are refused. */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same secret, and without its state. It is ready when this resolves. */
  restart(): Promise<void>;
}

export interface Companion {
  readonly kind: CompanionKind;
  /** Its main process, which starts the others, and which changes at a restart; null for a mere file. */
  readonly pid: number | null;
  /** How replicas reach it. */
  readonly address: CompanionAddress;
  /** Absent if it cannot be broken, as a file cannot. */
  readonly faults?: CompanionFaults;
  stop(): Promise<void>;
}

export interface CompanionOptions {
  readonly janitor: Pick<Janitor, 'watch' | 'watchDirectory'>;
  /** The secrets of the replicas: an authorization server signs with the private key of the RSA pair. */
  readonly secrets: Pick<Secrets, 'rsaPrivateKey'>;
  /** Called once when it ends without having been stopped or killed. */
  readonly onDeath: (error: Error) => void;
}

/**
 * Starts a companion on loopback, on its own port and with fresh secrets, which are in no argument and no log.
 * @throws TollgateError where it is not installed, or not ready in time; nothing of it runs then
 */
export type StartCompanion = (options: CompanionOptions) => Promise<Companion>;

/** The processes of companions: those started first, and their children, as `tree` finds them. A file has no process. */
export function processesOfCompanions(companions: readonly Companion[], tree: (pid: number) => number[]): number[] {
  return companions.flatMap(({ pid }) => (pid === null ? [] : tree(pid)));
}
