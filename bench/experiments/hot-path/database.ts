/** The database for primitives that use one. */
import { EXIT, TollgateError } from '../../../core/errors.ts';
import type { ExperimentContext } from '../../measuring/experiment.ts';
import { storesOf } from '../../micro/registry.ts';

export interface Askable {
  readonly tasks: readonly string[];
  /** Null if no task needs it, or it is not installed. */
  readonly postgresUrl: string | null;
}

/**
 * The tasks that can run. PostgreSQL is not installed just for a few primitives: without it they are left out, with a
 * note.
 */
export async function withDatabase(
  context: Pick<ExperimentContext, 'startCompanion' | 'say'>,
  tasks: readonly string[],
): Promise<Askable> {
  if (!storesOf(tasks).has('postgres')) return { tasks, postgresUrl: null };
  try {
    return { tasks, postgresUrl: (await context.startCompanion('postgres')).url };
  } catch (error) {
    if (!(error instanceof TollgateError) || error.exitCode !== EXIT.environment) throw error;
    const [left, others] = [tasks.filter(needsPostgres), tasks.filter((name) => !needsPostgres(name))];
    context.say(`${left.join(' and ')} are excluded: ${error.message} (${error.hint})`);
    return { tasks: others, postgresUrl: null };
  }
}

const needsPostgres = (name: string) => storesOf([name]).has('postgres');
