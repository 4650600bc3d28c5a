/** The shared environment of a service's processes. */
import type { StoreServer } from '../../bench/fleet/redis/store-server.ts';
import type { CpuAccounts } from '../../bench/processes/accounts.ts';
import type { Janitor } from '../../bench/processes/janitor.ts';

export interface ServiceEnvironment {
  readonly janitor: Janitor;
  readonly accounts: Pick<CpuAccounts, 'add' | 'sweep'> | null;
  /** The program of the Redis that is started for it; null or absent to search for one. */
  readonly storeServer?: StoreServer | null;
  readonly signal: AbortSignal;
  /** Called with a line about something that happened besides the measurement. */
  readonly onNote: (text: string) => void;
}
