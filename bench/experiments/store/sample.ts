/** Logs in through an arm and reads what that left in Redis: the template that `store` copies. */
import type { Redis } from 'ioredis';
import { ROUTES } from '../../../servers/contract.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import { type Credential, login } from '../../load/clients/credential.ts';
import { Connection } from '../../load/connection/connection.ts';
import { requestBytes } from '../../load/connection/request.ts';
import { keysBelow, memoryUsage, readEntry } from './redis.ts';
import { type StoreTemplate, templateOf } from './template.ts';

export type Kind = 'session' | 'denylist' | 'refresh-family';

export interface Sample {
  readonly kind: Kind;
  readonly template: StoreTemplate;
  /** Bytes that the arm wrote, by Redis's own estimate. */
  readonly usageBytes: number;
}

async function logOut(fleet: Fleet, credential: Credential): Promise<void> {
  const [replica] = fleet.replicas;
  if (!replica) return;
  const connection = await Connection.open(replica.address);
  try {
    const headers = { ...credential.headers, ...credential.stateChangeHeaders };
    await connection.request(requestBytes(replica.address, { ...ROUTES.logout, headers }));
  } finally {
    connection.close();
  }
}

/**
 * Logs two users in, and out if logging in stores nothing; the second one's keys are found by comparison with the
 * first one's.
 */
export async function takeSample(fleet: Fleet, client: Redis): Promise<Sample | null> {
  const [replica] = fleet.replicas;
  const [firstUser, secondUser] = fleet.users;
  const prefix = fleet.redis?.keyPrefix ?? '';
  const { arm } = fleet.spec;
  if (!replica || !firstUser || !secondUser || arm.stores?.includes('used-proof') === true) return null;
  const logIn = (user: typeof firstUser) => login(replica.address, user, arm);
  const first = await logIn(firstUser);
  const isDenylist = (await keysBelow(client, prefix)).size === 0;
  if (isDenylist) await logOut(fleet, first);
  const before = await keysBelow(client, prefix);
  const second = await logIn(secondUser);
  if (isDenylist) await logOut(fleet, second);
  const own = [...(await keysBelow(client, prefix))].filter((key) => !before.has(key));
  if (own.length === 0) return null;
  const entries = [];
  for (const key of own) entries.push(await readEntry(client, key));
  return {
    kind: isDenylist ? 'denylist' : arm.refreshTokens === true ? 'refresh-family' : 'session',
    template: templateOf(entries, [...before]),
    usageBytes: await memoryUsage(client, own),
  };
}
