/** A module for replicas: primitives of the micro suite, done one after the other for each request. */
import type { PreparedWork, RedisAddress, RequestWork } from '../../servers/messages.ts';
import { primitivesOf } from './parts.ts';
import { MICRO_TASKS, selectTasks } from './registry.ts';
import type { ReadyTask } from './task.ts';

/** The work of a fleet whose replicas are to perform these primitives for every request. */
export function workOf(work: string): RequestWork & { readonly usesRedis: boolean } {
  const names = primitivesOf(work);
  const usesRedis = MICRO_TASKS.some(({ name, needsRedis }) => needsRedis && names.includes(name));
  return { module: import.meta.url, name: work, usesRedis };
}

/** Stored where the compiler cannot see that it is never read. */
const kept: { result: unknown } = { result: null };

/** One after the other, each when the one before is done; the first error ends it. One alone is left as it is. @throws for none */
export function inTurn(tasks: readonly ReadyTask[]): ReadyTask['once'] {
  return tasks
    .map(({ once }) => once)
    .reduceRight((rest, once) => (done) => once((error) => (error === undefined ? rest(done) : done(error))));
}

/**
 * Called in the replica.
 * @param name of a primitive, or of several as `nameOfWork` gives it
 * @throws {MicroTaskError} for an unknown name, and for a primitive that needs Redis where there is none
 */
export async function prepare(name: string, redis: RedisAddress | null): Promise<PreparedWork> {
  const tasks: ReadyTask[] = [];
  const keep = (result: unknown) => {
    kept.result = result;
  };
  for (const task of selectTasks(primitivesOf(name), redis !== null)) {
    tasks.push(await task.setup({ redisUrl: redis?.url ?? null, keyPrefix: redis?.keyPrefix ?? '', keep }));
  }
  for (const { prove } of tasks) prove?.();
  return {
    run: inTurn(tasks),
    close: async () => {
      for (const { teardown } of tasks) await teardown?.();
    },
  };
}
