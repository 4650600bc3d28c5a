/** The database of sessions in PostgreSQL: one server per fleet, with its own files. */
import { rm } from 'node:fs/promises';
import { freshData, makeCluster } from '../postgres/cluster.ts';
import { type PostgresServer, startPostgresServer } from '../postgres/server.ts';
import { freePort, freshPassword } from '../redis/own.ts';
import type { Companion, CompanionOptions } from './companion.ts';

const USER = 'tollgate';
/** Another process may take the free port before the server does. */
const ATTEMPTS = 3;

export async function startPostgres(options: Pick<CompanionOptions, 'janitor' | 'onDeath'>): Promise<Companion> {
  const password = freshPassword();
  const cluster = await makeCluster({ janitor: options.janitor, user: USER, password });
  let starts = 0;
  let data: string | null = null;
  /** Starts a server without sessions. */
  async function start(portOf: () => Promise<number> | number): Promise<{ server: PostgresServer; port: number }> {
    if (data !== null) await rm(data, { recursive: true, force: true });
    starts += 1;
    data = await freshData(cluster, `data-${starts}`);
    for (let attempt = 1; ; attempt += 1) {
      const port = await portOf();
      try {
        return { port, server: await startPostgresServer({ ...options, cluster, data, port }) };
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
      }
    }
  }
  let server: PostgresServer;
  let port: number;
  try {
    ({ server, port } = await start(freePort));
  } catch (error) {
    cluster.remove();
    throw error;
  }
  return {
    kind: 'postgres',
    get pid() {
      return server.pid;
    },
    address: { url: `postgres://${USER}:${password}@127.0.0.1:${port}/postgres` },
    faults: {
      freeze: () => server.freeze(),
      thaw: () => server.thaw(),
      kill: () => server.kill(),
      async restart() {
        ({ server } = await start(() => port));
      },
    },
    async stop() {
      await server.kill();
      cluster.remove();
    },
  };
}
