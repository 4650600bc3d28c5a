/** What the processes of a service are started with. */
import type { CpuAccounts } from '../../bench/processes/accounts.ts';
import type { Janitor } from '../../bench/processes/janitor.ts';

export interface ServiceEnvironment {
  readonly janitor: Janitor;
  readonly accounts: Pick<CpuAccounts, 'add' | 'sweep'> | null;
  readonly signal: AbortSignal;
  /** Called with a line about something that happened besides the measurement. */
  readonly onNote: (text: string) => void;
}
