/** What the servers of a comparison share: keys, users, and a Redis of their own. */
import type { FleetEnvironment } from '../bench/fleet/fleet.ts';
import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../bench/fleet/secrets.ts';
import { CpuAccounts } from '../bench/processes/accounts.ts';
import type { Janitor } from '../bench/processes/janitor.ts';
import { GUARD_USERS } from './guards/count.ts';

export async function makeEnvironment(janitor: Janitor): Promise<FleetEnvironment> {
  const accounts = CpuAccounts.open(janitor);
  return {
    janitor,
    accounts: typeof accounts === 'string' ? null : accounts,
    secrets: await makeSecrets(),
    users: await makeUsers(GUARD_USERS, ARGON2_CHEAP),
    shares: null,
    redisUrl: null,
    runId: 'compare',
    onDeath: () => {},
  };
}
