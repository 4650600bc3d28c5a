/** PostgreSQL for tests: the files for a command that starts one, and a server that a whole test file shares. */
import { Pool } from 'pg';
import { afterAll } from 'vitest';
import type { Companion } from '../../bench/fleet/companions/companion.ts';
import { startPostgres } from '../../bench/fleet/companions/postgres.ts';
import { makeCluster, THROWAWAY_SETTINGS } from '../../bench/fleet/postgres/cluster.ts';
import { testJanitor } from './janitor.ts';

export interface CommandCluster {
  /** `{{port}}` stands for its port, on loopback only. */
  readonly command: readonly string[];
  /** Of a user without a password. */
  readonly url: string;
  remove(): void;
}

/** @throws Error if none is installed */
export async function commandCluster(): Promise<CommandCluster> {
  const { owner, server, pristine, remove } = await makeCluster({
    janitor: await testJanitor(),
    user: 'shop',
    password: null,
  });
  // The command of a configuration has no other way to become another user.
  const asOwner =
    owner.uid === undefined ? [] : ['setpriv', `--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'];
  const settings = [...THROWAWAY_SETTINGS, 'shared_buffers=16MB'].flatMap((setting) => ['-c', setting]);
  return {
    command: [...asOwner, server, '-D', pristine, '-p', '{{port}}', ...settings],
    url: 'postgres://shop@127.0.0.1:{{port}}/template1',
    remove,
  };
}

let shared: Promise<Companion> | null = null;
let schemas = 0;

afterAll(async () => {
  const server = await shared;
  shared = null;
  await server?.stop();
});

/** Separate tables, in a server that the tests of a file share. */
export async function ownTables(): Promise<{ url: string }> {
  shared ??= testJanitor().then((janitor) => startPostgres({ janitor, onDeath: () => {} }));
  const { url } = (await shared).address;
  schemas += 1;
  const schema = `own_${schemas}`;
  const pool = new Pool({ connectionString: url, max: 1 });
  await pool.query(`CREATE SCHEMA ${schema}`);
  await pool.end();
  return { url: `${url}?options=${encodeURIComponent(`-c search_path=${schema}`)}` };
}
