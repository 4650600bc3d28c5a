/** A module for replicas: runs primitives of the micro suite, one after another, for each request. */

import type { CompanionAddresses, PreparedWork, RequestWork } from '../../servers/configuration.ts';
import type { CompanionKind } from '../../servers/contract.ts';
import type { RedisAddress } from '../../servers/redis-address.ts';
import { primitivesOf } from './parts.ts';
import { selectTasks, storesIn, storesOf } from './registry.ts';
import type { ReadyTask } from './task.ts';

/** The work of a fleet, and what its replicas need for it, whatever the arm needs. */
export interface FleetWork extends RequestWork {
  readonly usesRedis: boolean;
  readonly companions: readonly CompanionKind[];
}

/** The work of a fleet whose replicas are to perform these primitives for every request. */
export function workOf(work: string): FleetWork {
  const stores = storesOf(primitivesOf(work));
  return {
    module: import.meta.url,
    name: work,
    usesRedis: stores.has('redis'),
    companions: stores.has('postgres') ? ['postgres'] : [],
  };
}

/** Stored such that the compiler cannot see that it is never read. */
const kept: { result: unknown } = { result: null };

/**
 * Runs them one after another; the first error ends it. A single one is returned unchanged. @throws if there are none
 */
export function inTurn(tasks: readonly ReadyTask[]): ReadyTask['once'] {
  return tasks
    .map(({ once }) => once)
    .reduceRight((rest, once) => (done) => once((error) => (error === undefined ? rest(done) : done(error))));
}

/**
 * Called in the replica. @param name of a primitive, or of several, from `nameOfWork` @throws {MicroTaskError} for an
 * unknown name, or a primitive without its store
 */
export async function prepare(
  name: string,
  redis: RedisAddress | null,
  companions: CompanionAddresses,
): Promise<PreparedWork> {
  const tasks: ReadyTask[] = [];
  const keep = (result: unknown) => {
    kept.result = result;
  };
  const context = {
    redisUrl: redis?.url ?? null,
    postgresUrl: companions.postgres?.url ?? null,
    keyPrefix: redis?.keyPrefix ?? '',
    keep,
  };
  for (const task of selectTasks(primitivesOf(name), storesIn(context))) tasks.push(await task.setup(context));
  for (const { prove } of tasks) prove?.();
  return {
    run: inTurn(tasks),
    close: async () => {
      for (const { teardown } of tasks) await teardown?.();
    },
  };
}
