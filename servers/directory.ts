/** The users that a replica was started with, found by name or id. */

import type { UserRecord } from './configuration.ts';
import type { Identity } from './contract.ts';
import { dummyHashLike, verifyPassword } from './passwords.ts';

export interface Directory {
  byId(id: string): Identity | undefined;
  /** Returns the identity of a name and password, or null. It takes as long for an unknown name as for a known one. */
  authenticate(username: string, password: string): Promise<Identity | null>;
  /** The first user with the role `admin`, or the first user; undefined in an empty directory. */
  readonly firstAdmin: Identity | undefined;
}

// Without any user there is no hash to take the parameters from; these are OWASP's minimum.
const FALLBACK_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

export function createDirectory(users: readonly UserRecord[]): Directory {
  const byName = new Map<string, { identity: Identity; passwordHash: string }>();
  const byId = new Map<string, Identity>();
  for (const { passwordHash, ...fields } of users) {
    const identity: Identity = { id: fields.id, username: fields.username, roles: fields.roles };
    byName.set(identity.username, { identity, passwordHash });
    byId.set(identity.id, identity);
  }
  const dummyHash = dummyHashLike(users[0]?.passwordHash ?? FALLBACK_HASH);
  const identities = [...byId.values()];

  return {
    byId: (id) => byId.get(id),
    async authenticate(username, password) {
      const user = byName.get(username);
      const matches = await verifyPassword(password, user?.passwordHash ?? dummyHash);
      return user !== undefined && matches ? user.identity : null;
    },
    firstAdmin: identities.find((user) => user.roles.includes('admin')) ?? identities[0],
  };
}
