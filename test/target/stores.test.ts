/** Stores of a service: the commands per request are counted, and stores that Tollgate starts are stopped and restarted. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Janitor } from '../../bench/processes/janitor.ts';
import { thenEnding } from '../../core/errors.ts';
import type { Figure, Run } from '../../core/results/schema.ts';
import { parseService } from '../../target/config/service.ts';
import { startService } from '../../target/process/fleet.ts';
import { askPostgres } from '../../target/store/postgres.ts';
import { descendants, startBench, stillAlive } from '../support/bench-process.ts';
import { type CommandCluster, commandCluster } from '../support/postgres.ts';

const ROWS = join(import.meta.dirname, '../support/services/rows.ts');

let root: string;
let cluster: CommandCluster;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tollgate-test-target-stores-'));
  cluster = await commandCluster();
});
afterAll(() => {
  cluster.remove();
  rmSync(root, { recursive: true, force: true });
});

/** A service that keeps its sessions in a Postgres that Tollgate starts. */
const config = () => ({
  name: 'rows',
  start: {
    command: [process.execPath, ROWS],
    environment: { DATABASE_URL: { from: 'postgres' }, PASSWORD: { env: 'PASSWORD' } },
    ready: { path: '/' },
  },
  stores: { postgres: { start: { command: cluster.command, url: cluster.url } } },
  users: [{ username: 'alice', password: { env: 'PASSWORD' } }],
  login: {
    request: { method: 'POST', path: '/login', json: { user: '{{username}}', password: '{{password}}' } },
    credential: { json: '/token' },
  },
  requests: { guarded: { path: '/me' }, public: { path: '/' }, logout: { method: 'POST', path: '/logout' } },
  identity: '/name',
});
const env = { ...process.env, PASSWORD: 'open-sesame' };

it('counts the statements of a request in Postgres, and observes it frozen and resumed', async () => {
  const file = join(root, 'service.json');
  // The twin has a separate Postgres on the same data: one cluster can serve only one of them.
  const { public: _, ...requests } = config().requests;
  writeFileSync(file, JSON.stringify({ ...config(), requests }));
  const flags = ['--experiments', 'toll,outage', '--arms', 'none', '--budget', '2s', '--seed', '7', '--json'];
  const { child, ended } = startBench(['target', file, ...flags, '--out', join(root, 'out')], env, root);
  const seen = new Map<number, ReturnType<typeof descendants>[number]>();
  const looking = setInterval(() => {
    for (const entry of descendants(child.pid ?? 0)) seen.set(entry.pid, entry);
  }, 200);
  const { code, stdout, stderr } = await ended;
  clearInterval(looking);
  expect(code, stderr).toBe(0);
  expect(seen.size).toBeGreaterThan(3);
  expect(stillAlive([...seen.values()])).toEqual([]);

  const { figures, notes } = JSON.parse(stdout) as Run;
  const find = (metric: string, factors: Figure['factors'] = {}) =>
    figures.find(
      (figure) =>
        figure.arm === 'rows' &&
        figure.metric === metric &&
        Object.entries(factors).every(([name, level]) => figure.factors[name] === level),
    );
  // Background work of the server counts as well, occasionally as a transaction.
  expect(find('postgres_transactions_per_request')?.value).toBeCloseTo(2, 1);
  expect(find('postgres_rows_written_per_request')?.value).toBeCloseTo(1, 1);
  expect(find('postgres_rows_read_per_request')?.value).toBeGreaterThanOrEqual(2);
  expect(find('postgres_cpu_us_per_request')?.value).toBeGreaterThan(0);
  expect(find('redis_commands_per_request')).toBeUndefined();

  const frozen = { fault: 'postgres-frozen' };
  // A request that was due shortly before the resume is answered after it.
  expect(find('outage_accepted_pct', { ...frozen, route: 'me' })?.value).toBeLessThan(90);
  expect(find('recovery_ms', frozen)?.value).toBeGreaterThanOrEqual(0);
  expect(notes.join('\n')).toMatch(/outage: rows, postgres-frozen: responses during the fault: .*\d+ times/);
});

it('restarts a store that it killed, with its data, and leaves neither store nor service behind', async () => {
  const janitor = await Janitor.start();
  await thenEnding(
    async () => {
      const service = parseService('service.json', JSON.stringify(config()), { folder: root, env });
      const environment = { janitor, accounts: null, signal: new AbortController().signal, onNote: () => {} };
      const deaths: string[] = [];
      const fleet = await startService(service, environment, ({ message }) => void deaths.push(message));
      const [store] = fleet.stores;
      if (store?.faults == null) throw new Error('it has no store that can be broken');
      const first = store.pid();
      await store.faults.kill();
      expect(await askPostgres(store.url)).not.toBeNull();
      await store.faults.restart('with-data');
      expect(await askPostgres(store.url)).toBeNull();
      expect(store.pid()).not.toBe(first);
      const ports = fleet.replicas.map(({ endpoint }) => endpoint.port);
      await fleet.kill(1);
      await fleet.restart(1);
      expect(fleet.replicas.map(({ endpoint }) => endpoint.port)).toEqual(ports);
      await fleet.stop();
      expect(deaths).toEqual([]);
      expect(await askPostgres(store.url)).not.toBeNull();
    },
    () => janitor.finish(),
  );
});
