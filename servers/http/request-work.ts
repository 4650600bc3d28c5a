/** Does extra work before each request, from a module that the parent names. */
import type { FastifyInstance } from 'fastify';
import type { CompanionAddresses, RequestWork, WorkModule } from '../configuration.ts';
import { StartError } from '../errors.ts';
import type { RedisAddress } from '../redis-address.ts';

function isWorkModule(module: unknown): module is WorkModule {
  return typeof (module as Partial<WorkModule> | null)?.prepare === 'function';
}

/** @throws StartError BAD_START if the module cannot be loaded, or lacks this work */
export async function installWork(
  app: FastifyInstance,
  work: RequestWork,
  redis: RedisAddress | null,
  companions: CompanionAddresses,
): Promise<void> {
  const bad = (why: string, cause?: unknown) =>
    new StartError('BAD_START', `The work ${work.name} cannot be prepared: ${why}.`, { cause });
  const module: unknown = await import(work.module).catch((cause: unknown) => {
    throw bad('its module cannot be loaded', cause);
  });
  if (!isWorkModule(module)) throw bad('its module has no function prepare');
  const prepared = await module.prepare(work.name, redis, companions).catch((cause: unknown) => {
    throw bad(cause instanceof Error ? cause.message : String(cause), cause);
  });
  app.addHook('onClose', () => prepared.close());
  app.addHook('onRequest', (_request, _reply, done) => prepared.run(done));
}
