/** The keys, users and Redis shared by the servers of a comparison. */
import type { FleetEnvironment } from '../bench/fleet/fleet.ts';
import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../bench/fleet/secrets.ts';
import { CpuAccounts } from '../bench/processes/accounts.ts';
import type { Janitor } from '../bench/processes/janitor.ts';
import { GUARD_USERS } from './guards/count.ts';

/** @param source of Redis; without a URL each fleet has its own */
export async function makeEnvironment(
  janitor: Janitor,
  source: Pick<FleetEnvironment, 'redisUrl' | 'storeServer'> = { redisUrl: null },
): Promise<FleetEnvironment> {
  return {
    janitor,
    accounts: CpuAccounts.openIfPossible(janitor),
    secrets: await makeSecrets(),
    users: await makeUsers(GUARD_USERS, ARGON2_CHEAP),
    shares: null,
    ...source,
    runId: 'compare',
    onDeath: () => {},
  };
}
