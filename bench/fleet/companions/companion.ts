/** What an arm needs in addition to its replicas and Redis, such as an authorization server, a database or its file. */

import type { CompanionAddress, Secrets } from '../../../servers/configuration.ts';
import type { CompanionKind } from '../../../servers/contract.ts';
import type { Janitor } from '../../processes/janitor.ts';

/** Faults of a companion that stores the arm's state. */
export interface CompanionFaults {
  /** Stops answering clients, but keeps every connection open. */
  freeze(): void;
  thaw(): void;
  /** Kills it: every connection breaks, and new ones are refused. */
  kill(): Promise<void>;
  /** Restarts it on the same port with the same secret, but without its state. Resolves when it is ready. */
  restart(): Promise<void>;
}

export interface Companion {
  readonly kind: CompanionKind;
  /** Its main process, which starts the others and changes at a restart; null for a file. */
  readonly pid: number | null;
  /** The address for replicas. */
  readonly address: CompanionAddress;
  /** Absent if it cannot be broken, as a file cannot. */
  readonly faults?: CompanionFaults;
  stop(): Promise<void>;
}

export interface CompanionOptions {
  readonly janitor: Pick<Janitor, 'watch' | 'watchDirectory'>;
  /** The secrets of the replicas: an authorization server signs with the private RSA key. */
  readonly secrets: Pick<Secrets, 'rsaPrivateKey'>;
  /** Called once when it exits without having been stopped or killed. */
  readonly onDeath: (error: Error) => void;
}

/**
 * Starts a companion on loopback, on its own port and with fresh secrets, which appear in no argument or log. @throws
 * TollgateError if it is not installed, or not ready in time; nothing of it is then running
 */
export type StartCompanion = (options: CompanionOptions) => Promise<Companion>;

/** The processes of companions and their descendants, as `tree` finds them. A file has no process. */
export function processesOfCompanions(companions: readonly Companion[], tree: (pid: number) => number[]): number[] {
  return companions.flatMap(({ pid }) => (pid === null ? [] : tree(pid)));
}
