/** Every micro task. A new family of tasks is a file in `tasks/` and a line here. */
import { closest } from 'fastest-levenshtein';
import type { MicroStore, MicroTask, TaskContext } from './task.ts';
import { cookieTasks } from './tasks/cookie.ts';
import { copyTasks } from './tasks/copies.ts';
import { cryptoTasks } from './tasks/crypto.ts';
import { dpopTasks } from './tasks/dpop.ts';
import { jweTasks } from './tasks/jwe.ts';
import { jwksTasks } from './tasks/jwks.ts';
import { jwtTasks } from './tasks/jwt.ts';
import { nodeRedisTasks } from './tasks/node-redis.ts';
import { pasetoTasks } from './tasks/paseto.ts';
import { postgresTasks } from './tasks/postgres.ts';
import { redisTasks } from './tasks/redis.ts';
import { sealedTasks } from './tasks/sealed.ts';
import { sessionTasks } from './tasks/session.ts';
import { sqliteTasks } from './tasks/sqlite.ts';

export const MICRO_TASKS: readonly MicroTask[] = [
  ...jwtTasks,
  ...jwksTasks,
  ...dpopTasks,
  ...cryptoTasks,
  ...cookieTasks,
  ...copyTasks,
  ...sealedTasks,
  ...jweTasks,
  ...pasetoTasks,
  ...sessionTasks,
  ...redisTasks,
  ...nodeRedisTasks,
  ...sqliteTasks,
  ...postgresTasks,
];

/** A task that cannot run. */
export class MicroTaskError extends Error {
  override readonly name = 'MicroTaskError';
}

const STORE_NAMES: Readonly<Record<MicroStore, string>> = { redis: 'Redis', postgres: 'PostgreSQL' };

/** The stores that a context has. */
export function storesIn({ redisUrl, postgresUrl }: Pick<TaskContext, 'redisUrl' | 'postgresUrl'>): MicroStore[] {
  return [...(redisUrl === null ? [] : ['redis' as const]), ...(postgresUrl === null ? [] : ['postgres' as const])];
}

/** The stores needed by tasks with these names; unknown names are ignored. */
export function storesOf(names: readonly string[]): ReadonlySet<MicroStore> {
  return new Set(MICRO_TASKS.flatMap(({ name, needs }) => (needs !== null && names.includes(name) ? [needs] : [])));
}

/**
 * The tasks with these names, or all that can run with these stores. @throws {MicroTaskError} for an unknown name,
 * and for a named task without its store
 */
export function selectTasks(names: readonly string[] | undefined, stores: readonly MicroStore[]): MicroTask[] {
  const lacks = ({ needs }: MicroTask) => needs !== null && !stores.includes(needs);
  if (names === undefined) return MICRO_TASKS.filter((task) => !lacks(task));
  return names.map((name) => {
    const task = MICRO_TASKS.find((each) => each.name === name);
    if (task === undefined) {
      const known = MICRO_TASKS.map((each) => each.name);
      throw new MicroTaskError(`Unknown micro task "${name}"; did you mean "${closest(name, known)}"?`);
    }
    if (task.needs !== null && lacks(task)) {
      throw new MicroTaskError(
        `The micro task "${name}" needs ${STORE_NAMES[task.needs]}, which this run does not have.`,
      );
    }
    return task;
  });
}
