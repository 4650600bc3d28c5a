/** A module for replicas: a primitive of the micro suite, done once for each request. */
import type { PreparedWork, RedisAddress, RequestWork } from '../../servers/contract.ts';
import { MICRO_TASKS, selectTasks } from './registry.ts';

/** What a fleet is told, so that its replicas do this primitive for every request. */
export function workOf(primitive: string): RequestWork & { readonly usesRedis: boolean } {
  const task = MICRO_TASKS.find(({ name }) => name === primitive);
  return { module: import.meta.url, name: primitive, usesRedis: task?.needsRedis ?? false };
}

/** Kept where the compiler cannot see that nobody reads it. */
const kept: { result: unknown } = { result: null };

/**
 * Called in the replica.
 * @throws {MicroTaskError} for an unknown name, and for a primitive that needs Redis where there is none
 */
export async function prepare(name: string, redis: RedisAddress | null): Promise<PreparedWork> {
  const [task] = selectTasks([name], redis !== null);
  const ready = await task?.setup({
    redisUrl: redis?.url ?? null,
    keyPrefix: redis?.keyPrefix ?? '',
    keep: (result) => {
      kept.result = result;
    },
  });
  if (ready === undefined) throw new Error(`there is no primitive ${name}`);
  return {
    run: ready.once,
    close: async () => ready.teardown?.(),
  };
}
