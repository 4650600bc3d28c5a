import { Pool } from 'pg';
import { expect, it } from 'vitest';
import { runMicro } from '../../bench/micro/client.ts';
import type { MicroSample } from '../../bench/micro/protocol.ts';
import { MICRO_TASKS } from '../../bench/micro/registry.ts';
import { ownTables } from '../support/postgres.ts';

it('primitives in PostgreSQL are timed, and leave nothing behind', async () => {
  const { url } = await ownTables();
  const tasks = MICRO_TASKS.filter(({ needs }) => needs === 'postgres').map(({ name }) => name);
  const samples: MicroSample[] = [];
  const options = { redisUrl: null, postgresUrl: url, keyPrefix: '', secondsPerTask: 0.1, rounds: 1, seed: 7, tasks };
  await runMicro(options, (sample) => samples.push(sample));
  expect(samples.map(({ task }) => task).sort()).toEqual(['postgres-select', 'postgres-select-and-update']);
  for (const { operations, wallUsPerOp } of samples) expect(operations * wallUsPerOp).toBeGreaterThan(0);

  const pool = new Pool({ connectionString: url, max: 1 });
  const { rows } = await pool.query(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'micro%'`);
  await pool.end();
  expect(rows).toEqual([]);
});
