/** What the servers of a comparison share: keys, users, and Redis. */
import type { FleetEnvironment } from '../bench/fleet/fleet.ts';
import { ARGON2_CHEAP, makeSecrets, makeUsers } from '../bench/fleet/secrets.ts';
import { CpuAccounts } from '../bench/processes/accounts.ts';
import type { Janitor } from '../bench/processes/janitor.ts';
import { GUARD_USERS } from './guards/count.ts';

/** @param source where Redis comes from; without a URL each fleet has one of its own */
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
