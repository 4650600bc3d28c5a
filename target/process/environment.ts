/** What the processes of a service are started with. */
import type { StoreServer } from '../../bench/fleet/redis/store-server.ts';
import type { CpuAccounts } from '../../bench/processes/accounts.ts';
import type { Janitor } from '../../bench/processes/janitor.ts';

export interface ServiceEnvironment {
  readonly janitor: Janitor;
  readonly accounts: Pick<CpuAccounts, 'add' | 'sweep'> | null;
  /** The program of a Redis that is started for it; null or left out for the one that is found. */
  readonly storeServer?: StoreServer | null;
  readonly signal: AbortSignal;
  /** Called with a line about something that happened besides the measurement. */
  readonly onNote: (text: string) => void;
}
