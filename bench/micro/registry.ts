/** Every micro task. A new family of tasks is a file in `tasks/` and a line here. */
import { closest } from 'fastest-levenshtein';
import type { MicroTask } from './task.ts';
import { cookieTasks } from './tasks/cookie.ts';
import { copyTasks } from './tasks/copies.ts';
import { cryptoTasks } from './tasks/crypto.ts';
import { dpopTasks } from './tasks/dpop.ts';
import { jweTasks } from './tasks/jwe.ts';
import { jwksTasks } from './tasks/jwks.ts';
import { jwtTasks } from './tasks/jwt.ts';
import { nodeRedisTasks } from './tasks/node-redis.ts';
import { pasetoTasks } from './tasks/paseto.ts';
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
];

/** A task that cannot run. */
export class MicroTaskError extends Error {
  override readonly name = 'MicroTaskError';
}

/**
 * The tasks with these names, or all; without Redis, those that do not need it.
 * @throws {MicroTaskError} for an unknown name, and for a named task that needs Redis in a run without it.
 */
export function selectTasks(names: readonly string[] | undefined, hasRedis: boolean): MicroTask[] {
  if (names === undefined) return MICRO_TASKS.filter((task) => hasRedis || !task.needsRedis);
  return names.map((name) => {
    const task = MICRO_TASKS.find((each) => each.name === name);
    if (task === undefined) {
      const known = MICRO_TASKS.map((each) => each.name);
      throw new MicroTaskError(`Unknown micro task "${name}"; did you mean "${closest(name, known)}"?`);
    }
    if (task.needsRedis && !hasRedis) {
      throw new MicroTaskError(`The micro task "${name}" needs Redis, which this run does not have.`);
    }
    return task;
  });
}
