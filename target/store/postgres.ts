/**
 * What Postgres says of its own work: transactions and rows of one database by `pg_stat_database`, which every server keeps
 * without an extension, and CPU time by the system's account of its processes.
 *
 * A backend reports what it did at the end of a transaction, but not within a second of its last report; what it then still
 * holds back it reports after 10 s without work (PGSTAT_MIN_INTERVAL and PGSTAT_IDLE_INTERVAL of Postgres 15 and later).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { StoreCounters } from '../../bench/fleet/counters.ts';
import { environmentError, messageOf } from '../../core/errors.ts';
import { inertLine } from '../../core/inert.ts';
import type { MeasuresDraft } from '../../core/results/measures.ts';
import { checker } from '../../core/results/validate.ts';
import { Type } from '../../core/schema.ts';

const TIMEOUT_MS = 5_000;
/** A little more than the 10 s after which an idle backend reports. */
const IDLE_MS = 10_250;
/** Another client may use the database all the time. */
const PATIENCE_MS = 30_000;
const POLL_MS = 250;
/** Idle backends of older servers report nothing. */
const REPORTS_WHEN_IDLE = 150_000;

async function connected(url: string, database?: string): Promise<Client> {
  const at = new URL(url);
  if (database !== undefined) at.pathname = `/${database}`;
  const client = new Client({
    connectionString: at.href,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
    application_name: 'tollgate',
  });
  // A lost connection also fails the next query.
  client.on('error', () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}

/** @returns null if it answers, else the reason */
export async function askPostgres(url: string): Promise<string | null> {
  try {
    const client = await connected(url);
    await client.query('SELECT 1');
    await client.end();
    return null;
  } catch (error) {
    return messageOf(error) || 'it does not answer';
  }
}

const COUNTERS = `SELECT xact_commit + xact_rollback AS transactions, tup_returned + tup_fetched AS read,
  tup_inserted + tup_updated + tup_deleted AS written FROM pg_stat_database WHERE datname = $1`;
const BUSY = `SELECT count(*)::text AS backends FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'
  AND (state IS NULL OR state <> 'idle' OR clock_timestamp() - state_change < $2 * interval '1 millisecond')`;

/** 64-bit integers arrive as text. */
const Count = Type.String({ pattern: '^\\d+$' });
const checkCounters = checker(
  Type.Array(Type.Object({ transactions: Count, read: Count, written: Count }), { minItems: 1, maxItems: 1 }),
);
const checkBusy = checker(Type.Array(Type.Object({ backends: Count }), { minItems: 1, maxItems: 1 }));

export interface PostgresCounters extends StoreCounters {
  close(): Promise<void>;
}

/**
 * @param cpuNanos its CPU time from any starting point, or null if it cannot be read
 *
 * @param onNote gets a line if counters may be incomplete
 *
 * @throws {TollgateError} (environment) if it cannot be queried
 */
export async function openCounters(
  url: string,
  cpuNanos: () => number | null,
  onNote: (text: string) => void,
): Promise<PostgresCounters> {
  const database = decodeURIComponent(new URL(url).pathname.slice(1)) || decodeURIComponent(new URL(url).username);
  const client = await watcherOf(url, database);
  const ask = async (text: string, values: unknown[]): Promise<unknown> => (await client.query(text, values)).rows;
  const version = Number((await client.query('SHOW server_version_num')).rows[0]?.server_version_num);
  if (version < REPORTS_WHEN_IDLE)
    onNote('Postgres before 15 reports nothing while it is idle: its counts may miss the last half second');
  return {
    when: 'first-fork',
    async settled(signal) {
      const untilMs = performance.now() + PATIENCE_MS;
      for (;;) {
        const busy = checkBusy(await ask(BUSY, [database, version < REPORTS_WHEN_IDLE ? 1_000 : IDLE_MS]));
        if (busy.ok && Number(busy.value[0]?.backends) === 0) return;
        signal.throwIfAborted();
        if (performance.now() > untilMs) {
          onNote(
            `${database} was never idle for 10 s, so the counts of Postgres may miss a second, or include other work`,
          );
          return;
        }
        await sleep(POLL_MS);
      }
    },
    async read() {
      const checked = checkCounters(await ask(COUNTERS, [database]));
      const [row] = checked.ok ? checked.value : [];
      if (row === undefined)
        throw environmentError(`Postgres has no database ${inertLine(database)}`, 'correct stores.postgres');
      const measures: MeasuresDraft = {
        postgres_transactions: Number(row.transactions),
        postgres_rows_read: Number(row.read),
        postgres_rows_written: Number(row.written),
      };
      const ns = cpuNanos();
      if (ns !== null) measures.postgres_cpu_ns = ns;
      return measures;
    },
    close: () => client.end(),
  };
}

/** Connects to another database, so that its own queries are not counted. */
async function watcherOf(url: string, database: string): Promise<Client> {
  let reason = '';
  for (const other of ['postgres', 'template1'].filter((name) => name !== database)) {
    try {
      return await connected(url, other);
    } catch (error) {
      reason = messageOf(error);
    }
  }
  throw environmentError(
    `the counters of Postgres cannot be read: ${inertLine(reason)}`,
    'allow the user of stores.postgres to connect to the database postgres, or omit stores.postgres',
  );
}
