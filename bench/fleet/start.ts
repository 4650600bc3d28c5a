/** Starts a fleet: its Redis, companions and replicas, and then the logins of its users. */
import { afterEnding, environmentError } from '../../core/errors.ts';
import { stopInOrder } from '../../core/stop-in-order.ts';
import type { ServerSettings } from '../../servers/configuration.ts';
import { login } from '../load/clients/credential.ts';
import { processTree } from '../processes/trees/process-tree.ts';
import { doorsOf, startChain } from './chain.ts';
import { processesOfCompanions } from './companions/companion.ts';
import { startCompanions } from './companions/start.ts';
import { startDelayProxyFor } from './delay/client.ts';
import type { Fleet, FleetEnvironment, FleetSpec } from './fleet.ts';
import { logInAll } from './log-in.ts';
import { settingsAt } from './places.ts';
import { provideRedis } from './redis/provide.ts';
import type { RedisInstance } from './redis/redis.ts';
import { RunningFleet } from './running-fleet.ts';
import { makeUsers, type User } from './secrets.ts';

async function redisFor(environment: FleetEnvironment, spec: FleetSpec): Promise<RedisInstance | null> {
  const isUsed = spec.arm.usesRedis || spec.settings?.rateLimit === 'redis' || spec.work?.usesRedis === true;
  if (!isUsed) return null;
  if (environment.places !== undefined) return environment.places.redis();
  return provideRedis(environment, spec.key, spec.cluster ?? environment.cluster);
}

/** A load sends the cookies of its logins throughout, and ignores `Set-Cookie`, so copies must outlive it. */
const LOAD_COPY_MS = 24 * 3_600_000;

/** @returns its settings, with those that a fleet with logged-in users needs in addition; null for none */
function settingsOf({ arm, users, settings }: FleetSpec): ServerSettings | null {
  const isCopied = arm.boundSetting === 'cookieCacheMs' && users > 0;
  return isCopied ? { cookieCacheMs: LOAD_COPY_MS, idleTimeoutMs: LOAD_COPY_MS, ...settings } : (settings ?? null);
}

async function usersOf(environment: FleetEnvironment, { rolesOf, ownUsers }: FleetSpec): Promise<readonly User[]> {
  const users = ownUsers === undefined ? environment.users : await makeUsers(ownUsers.count, ownUsers.argon2);
  if (rolesOf === undefined) return users;
  return users.map((user, i) => ({ ...user, record: { ...user.record, roles: [...rolesOf(i)] } }));
}

/** @throws TollgateError if a part of it cannot start, after stopping the others */
export async function startFleet(environment: FleetEnvironment, spec: FleetSpec): Promise<Fleet> {
  const foreign = environment.foreign?.get(spec.arm.name);
  if (foreign !== undefined) return foreign(environment, spec);
  const users = await usersOf(environment, spec);
  if (users.length <= spec.users) {
    throw environmentError(
      `${spec.users} users are needed, but only ${users.length - 1} were made`,
      'this is a bug in Tollgate: please report it',
    );
  }
  const redis = await redisFor(environment, spec);
  const settings = settingsAt(environment.places, settingsOf(spec));
  const fleet = new RunningFleet(environment, spec, { users, redis, settings });
  try {
    await startParts(fleet, environment);
    return fleet;
  } catch (error) {
    // The error is what broke first, not what could not be stopped afterwards.
    throw await afterEnding(error, () => fleet.stop());
  }
}

async function startParts(fleet: RunningFleet, environment: FleetEnvironment): Promise<void> {
  const { spec, redis, replicas, users } = fleet;
  const { places } = environment;
  if (spec.delayed && redis !== null) fleet.proxy = await startDelayProxyFor(redis, environment);
  const kinds = new Set([...(spec.arm.companions ?? []), ...(spec.work?.companions ?? [])]);
  fleet.companions = await startCompanions({ companions: [...kinds] }, environment);
  // Before the replicas start: processes that it starts for them are included in its account.
  fleet.account(processesOfCompanions(fleet.companions, processTree));
  const starts =
    spec.chain === undefined
      ? Array.from({ length: spec.replicas }, (_, index) => fleet.startReplica(index))
      : [startChain(spec.chain, (place) => fleet.startInFront(place))];
  const failed = (await Promise.allSettled(starts)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  fleet.account(replicas.map(({ pid }) => pid));
  fleet.account(redis?.pids ?? []);
  if (fleet.proxy !== null) fleet.account([fleet.proxy.pid]);
  const addresses = replicas.map(({ address }) => address);
  const balancer = await places?.balancing?.start(spec.key, addresses, environment.onDeath);
  if (balancer !== undefined) fleet.balancer = balancer;
  const ends = spec.chain === undefined ? replicas : doorsOf(spec.chain, replicas);
  const doors = balancer === undefined ? ends : [balancer];
  fleet.credentials = await logInAll(spec, doors, users, places?.login ?? login);
}

/** Starts several fleets together. @throws the first error, after stopping those that were started */
export async function startFleets(environment: FleetEnvironment, specs: readonly FleetSpec[]): Promise<Fleet[]> {
  const results = await Promise.allSettled(specs.map((spec) => startFleet(environment, spec)));
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return started;
  throw await afterEnding(failed.reason, () => stopInOrder([started]));
}
