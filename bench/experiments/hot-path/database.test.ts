import { expect, it } from 'vitest';
import { BUSY, environmentError, runError } from '../../../core/errors.ts';
import { withDatabase } from './database.ts';

const TASKS = ['json-parse', 'postgres-select', 'redis-get', 'postgres-select-and-update'];
const URL = 'postgres://127.0.0.1:1/template1';

function contextWith(start: () => Promise<{ url: string }>) {
  const asked: string[] = [];
  const said: string[] = [];
  const startCompanion = (kind: string) => {
    asked.push(kind);
    return start();
  };
  return { asked, said, startCompanion, say: (text: string) => void said.push(text) };
}

it('is started if a task needs it, and only then', async () => {
  const context = contextWith(async () => ({ url: URL }));
  expect(await withDatabase(context, ['json-parse', 'redis-get'])).toMatchObject({ postgresUrl: null });
  expect(context.asked).toEqual([]);
  expect(await withDatabase(context, TASKS)).toEqual({ tasks: TASKS, postgresUrl: URL });
  expect(context.asked).toEqual(['postgres']);
});

it('is skipped if it is not installed, with one line that names what is left out', async () => {
  const context = contextWith(async () => {
    throw environmentError('no PostgreSQL server was found', 'install it');
  });
  expect(await withDatabase(context, TASKS)).toEqual({ tasks: ['json-parse', 'redis-get'], postgresUrl: null });
  expect(context.said).toEqual([
    'postgres-select and postgres-select-and-update are excluded: no PostgreSQL server was found (install it)',
  ]);
});

it('fails the experiment if it is installed and does not start', async () => {
  const context = contextWith(async () => {
    throw runError('PostgreSQL was not ready within 30 s', BUSY);
  });
  await expect(withDatabase(context, TASKS)).rejects.toThrow('not ready');
});
