/** What the servers of a comparison share: keys, users, and Redis. */
import type { FleetEnvironment } from '../bench/fleet/fleet.ts';
import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../bench/fleet/secrets.ts';
import { CpuAccounts } from '../bench/processes/accounts.ts';
import type { Janitor } from '../bench/processes/janitor.ts';
import { GUARD_USERS } from './guards/count.ts';

/** @param redisUrl from REDIS_URL; null gives each fleet a Redis of its own */
export async function makeEnvironment(janitor: Janitor, redisUrl: string | null): Promise<FleetEnvironment> {
  const accounts = CpuAccounts.open(janitor);
  return {
    janitor,
    accounts: typeof accounts === 'string' ? null : accounts,
    secrets: await makeSecrets(),
    users: await makeUsers(GUARD_USERS, ARGON2_CHEAP),
    shares: null,
    redisUrl,
    runId: 'compare',
    onDeath: () => {},
  };
}
