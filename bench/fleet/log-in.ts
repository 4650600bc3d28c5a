/** Credentials for a fleet: its users log in before any load. */
import type { Credential, LoginArm, login } from '../load/clients/credential.ts';
import type { Replica } from './replica.ts';
import type { User } from './secrets.ts';

interface LoggedIn {
  readonly arm: LoginArm;
  /** The number of users who log in, beginning with the first. */
  readonly users: number;
}

/**
 * Logs users in evenly over the replicas, so that each replica gets credentials issued by others. @param logIn from
 * this machine, or from the hosts that will send the load
 */
export async function logInAll(
  { arm, users: count }: LoggedIn,
  replicas: readonly Pick<Replica, 'address'>[],
  users: readonly User[],
  logIn: typeof login,
): Promise<Credential[]> {
  const credentials: Credential[] = [];
  for (const [i, user] of users.slice(0, count).entries()) {
    const replica = replicas[i % replicas.length];
    if (replica) credentials.push(await logIn(replica.address, user, arm));
  }
  return credentials;
}
