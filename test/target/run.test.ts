/** A service is measured in one run with arms of ours, by the same method, and the run contains no secret of it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Run } from '../../core/results/schema.ts';
import { descendants, startBench, stillAlive, until } from '../support/bench-process.ts';
import { notedServer, startRedis, type TestRedis } from '../support/redis.ts';
import { SECRET, shopConfig } from '../support/shop.ts';

let root: string;
let redis: TestRedis;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'tollgate-test-target-run-'));
  redis = await startRedis();
});
afterAll(async () => {
  await redis.stop();
  rmSync(root, { recursive: true, force: true });
});

const startRun = (config: object, env: NodeJS.ProcessEnv, directory: string, ...args: string[]) => {
  const file = join(root, 'service.json');
  writeFileSync(file, JSON.stringify(config));
  const flags = ['--arms', 'none', '--budget', '1s', '--seed', '7', '--json', '--out', directory];
  return startBench(['target', file, ...flags, ...args], env, root);
};

const finder = (run: Run) => (metric: string, arm: string) =>
  run.figures.find((figure) => figure.metric === metric && figure.arm === arm);

it('measures a service against the baseline and its own public request, judges limits, and leaves no process', async () => {
  const { value, env } = shopConfig({ kind: 'session' }, root);
  const directory = join(root, 'shop');
  const server = notedServer(root);
  const [limits, junit] = [join(root, 'limits.json'), join(root, 'limits.xml')];
  const thresholds = {
    shop: ['cpu_us_per_request < 0.001', 'cpu_ratio_to_twin > 0'],
    'shop-public': ['cpu_us_per_request > 0'],
  };
  writeFileSync(limits, JSON.stringify({ thresholds }));
  const judged = ['--config', limits, '--junit', junit];
  const { child, ended } = startRun(
    ...([value, env, directory, '--metrics-port', '0', '--store-server', server.path] as const),
    ...judged,
  );
  const below = new Map<number, ReturnType<typeof descendants>[number]>();
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  await until('it has started processes and ended', () => {
    for (const entry of descendants(child.pid ?? 0)) below.set(entry.pid, entry);
    return isOver;
  });
  const { code, stdout, stderr } = await ended;
  // One limit is exceeded, and nothing else failed.
  expect(code).toBe(1);
  expect(stderr).toContain('2 kept, 1 exceeded, 0 inconclusive, 0 not checked.');
  expect(readFileSync(junit, 'utf8')).toContain('tests="3" failures="1"');
  expect(stderr).toMatch(/Metrics for Prometheus: http:\/\/127\.0\.0\.1:\d+\/metrics/);
  // Neither the baseline nor the shop stores anything in Redis: it was only identified.
  expect(server.starts()).toBe(1);
  expect(below.size).toBeGreaterThan(3);
  expect(stillAlive([...below.values()])).toEqual([]);

  const run = JSON.parse(stdout) as Run;
  const of = finder(run);
  expect(run.arms.map(({ name, role }) => [name, role])).toEqual([
    ['none', 'baseline'],
    ['shop', 'guarded'],
    ['shop-public', 'twin'],
  ]);
  expect(of('cpu_us_per_request', 'shop')?.value).toBeGreaterThan(0);
  expect(of('cpu_ratio_to_baseline', 'shop')).toBeDefined();
  expect(of('cpu_own_toll_us', 'shop')).toBeDefined();
  expect(of('cpu_ratio_to_twin', 'shop')?.value).toBeGreaterThan(0);
  // Its cookie: "cookie: sid=" and 36 characters, in the request only.
  expect((of('request_bytes', 'shop')?.value ?? 0) - (of('request_bytes', 'shop-public')?.value ?? 0)).toBeGreaterThan(
    36,
  );
  expect(of('cpu_us_per_request', 'shop')?.flags).not.toContain('unexpected-responses');
  for (const file of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const text = readFileSync(join(file.parentPath, file.name), 'latin1');
    for (const secret of ['open-sesame', SECRET, 'sid=']) expect(text.includes(secret), file.name).toBe(false);
  }
});

it('counts the commands that a request costs in the Redis of the service', async () => {
  const url = new URL(redis.url);
  const { value } = shopConfig({ kind: 'session' }, root);
  const config = {
    ...value,
    name: 'counted',
    start: {
      command: [process.execPath, join(import.meta.dirname, '../support/services/counted.ts')],
      environment: {
        REDIS_PORT: url.port,
        REDIS_PASSWORD: { env: 'STORE_PASSWORD' },
        PASSWORD: { env: 'SHOP_PASSWORD' },
      },
      ready: { path: '/' },
    },
    users: [{ username: 'alice', password: { env: 'SHOP_PASSWORD' } }],
    admin: undefined,
    login: { ...value.login, credential: { json: '/token' } },
    requests: { guarded: { path: '/me' }, public: { path: '/' } },
    identity: '/name',
    stores: { redis: { env: 'STORE_URL' } },
  };
  const env = { ...process.env, SHOP_PASSWORD: 'open-sesame', STORE_PASSWORD: url.password, STORE_URL: redis.url };
  const { ended } = startRun(config, env, join(root, 'counted'));
  const { code, stdout } = await ended;
  expect(code).toBe(0);
  expect(finder(JSON.parse(stdout) as Run)('redis_commands_per_request', 'counted')?.value).toBeCloseTo(2, 1);
});

it('does not measure a service that fails a check, except on request', async () => {
  const { value, env } = shopConfig({ kind: 'session', faults: ['httponly'] }, root);
  const { ended } = startRun(value, env, join(root, 'faulty'));
  const { code, stdout, stderr } = await ended;
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ failed: ['shop'] });
  expect(stderr).toContain('shop was not measured, since it failed a security check');
  expect(readdirSync(join(root, 'faulty'))).toEqual(['gate.json']);
});

it('reports how a service that dies under load ended, and keeps its measurements', async () => {
  const { value, env } = shopConfig({ kind: 'session', faults: ['dies'] }, root);
  const directory = join(root, 'dying');
  const { child, ended } = startRun(value, env, directory);
  const below = new Map<number, ReturnType<typeof descendants>[number]>();
  const looking = setInterval(() => {
    for (const entry of descendants(child.pid ?? 0)) below.set(entry.pid, entry);
  }, 200);
  const { code, stderr } = await ended;
  clearInterval(looking);
  expect(code).toBe(1);
  expect(stderr).toMatch(/tollgate: .*replica 1 of shop ended with exit code 9: fatal: the disk is full/);
  expect(stillAlive([...below.values()])).toEqual([]);
  expect(readFileSync(join(directory, 'journal.jsonl'), 'utf8')).toContain('"kind":"run-ended"');
});
