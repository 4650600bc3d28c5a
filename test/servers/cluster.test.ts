import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { thenEnding } from '../../core/errors.ts';
import { ARMS, findArm } from '../../servers/arms.ts';
import type { LoginReply } from '../../servers/contract.ts';
import { buildApp } from '../../servers/http/app.ts';
import type { SchemeSettings } from '../../servers/scheme.ts';
import { describeContract } from '../support/contract.ts';
import { startRedis } from '../support/redis.ts';
import { startCluster, type TestCluster } from '../support/redis-cluster.ts';
import { ADA, type Client, clientOf, copyOf, freshSecrets, testUsers } from '../support/servers.ts';

const secrets = freshSecrets();
const users = testUsers();
const inRedis = ARMS.filter(({ info }) => info.usesRedis);
let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster.stop());

const open: FastifyInstance[] = [];
afterEach(() => Promise.all(open.splice(0).map((app) => app.close())));

async function start(name: string, settings: Partial<SchemeSettings> = {}, at = cluster): Promise<FastifyInstance> {
  const arm = findArm(name);
  if (arm === undefined) throw new Error(`no arm ${name}`);
  const redis = { url: at.url, keyPrefix: `${name}:`, cluster: true } as const;
  const app = await buildApp({ arm, secrets, users, redis, settings });
  open.push(app);
  return app;
}

/** Number of keys on each node with a prefix. */
const keysOn = (at: TestCluster, prefix: string) =>
  Promise.all(at.nodes.map(async ({ probe }) => (await probe.keys(`${prefix}*`)).length));

async function manyLogins(app: FastifyInstance, count: number): Promise<Client[]> {
  const clients = Array.from({ length: count }, () => clientOf(app));
  for (const client of clients) expect((await client.login(ADA)).status).toBe(200);
  return clients;
}

/** A session's node is random, so sessions are started until each of these nodes holds one. */
async function loginsUntilHeld(app: FastifyInstance, at: TestCluster, prefix: string): Promise<Client[]> {
  const clients: Client[] = [];
  do clients.push(...(await manyLogins(app, 12)));
  while ((await keysOn(at, prefix)).includes(0));
  return clients;
}

describe.each(inRedis.map((arm) => ({ arm, name: arm.info.name })))('on a cluster, $name', ({ arm, name }) => {
  const address = () => ({ url: cluster.url, keyPrefix: `contract:${name}:`, cluster: true }) as const;
  describeContract({ arm, secrets, users, address });
});

describe('sessions in a cluster', () => {
  it.each(['session-redis', 'session-redis-lean', 'session-cached', 'hybrid', 'jwt-refresh', 'dual'])(
    'of %s are spread over all nodes, and logout-all finds each',
    async (name) => {
      const app = await start(name);
      const clients = await loginsUntilHeld(app, cluster, `${name}:session:`);
      expect((await clients[0]?.post('/logout-all'))?.status).toBe(204);
      expect(await keysOn(cluster, `${name}:session:`)).toEqual([0, 0, 0]);
    },
  );

  it('are read together, and each answer reaches its own request', async () => {
    const app = await start('session-redis-lean');
    const ada = await manyLogins(app, 12);
    const [bob] = [clientOf(app)];
    await bob.login({ username: 'bob', password: 'battery staple' });
    const asked = ada.flatMap((client) => [client, bob]);
    const answers = await Promise.all(asked.map((client) => client.get('/me')));
    expect(answers.map(({ text }) => JSON.parse(text).username)).toEqual(asked.map((c) => (c === bob ? 'bob' : 'ada')));
  });

  it('a refresh token that is used twice ends only its own family', async () => {
    const app = await start('jwt-refresh', { refreshGraceMs: 0 });
    const trade = (refreshToken: string | undefined) => clientOf(app).post('/refresh', { refreshToken });
    const [thief, other] = await manyLogins(app, 2);
    const first = await trade(thief?.held.refreshToken);
    expect(first.status).toBe(200);
    expect((await trade(thief?.held.refreshToken)).status).toBe(401);
    expect((await trade((JSON.parse(first.text) as LoginReply).refreshToken)).status).toBe(401);
    expect((await trade(other?.held.refreshToken)).status).toBe(200);
  });
});

describe('a cluster that loses a node', () => {
  it('refuses the sessions of that node with 503, and serves the others', async () => {
    const own = await startCluster();
    await thenEnding(
      async () => {
        const app = await start('session-redis-lean', {}, own);
        const clients = await loginsUntilHeld(app, own, 'session-redis-lean:session:');
        const [, , dead] = own.nodes;
        const lost = (await dead?.probe.keys('session-redis-lean:session:*'))?.length ?? 0;
        expect(lost).toBeGreaterThan(0);
        dead?.process.kill('SIGSTOP');
        const answers = await Promise.all(clients.map((client) => client.get('/me')));
        dead?.process.kill('SIGCONT');
        const count = (status: number) => answers.filter((answer) => answer.status === status).length;
        expect([count(503), count(200)]).toEqual([lost, clients.length - lost]);
        await expect
          .poll(async () => (await Promise.all(clients.map((c) => c.get('/me')))).every(({ status }) => status === 200))
          .toBe(true);
        dead?.process.kill('SIGKILL');
        await expect
          .poll(async () => {
            const again = await Promise.all(clients.map((client) => clientOf(app, copyOf(client.held)).get('/me')));
            return again.filter(({ status }) => status === 503).length;
          })
          .toBe(lost);
      },
      () => own.stop(),
    );
  });
});

describe('an arm with a wrong setting', () => {
  const begin = async (url: string, cluster: object) => {
    const arm = findArm('hybrid');
    if (arm === undefined) throw new Error('no arm');
    return buildApp({ arm, secrets, users, redis: { url, keyPrefix: 'x:', ...cluster } });
  };

  it('that treats one node of a cluster as a single server does not start, and says what to set', async () => {
    await expect(begin(cluster.url, {})).rejects.toMatchObject({ code: 'REDIS_CLUSTER' });
  });

  it('that treats a single server as a cluster, a wrong password or a wrong port, does not start either', async () => {
    const single = await startRedis();
    await thenEnding(
      async () => {
        await expect(begin(single.url, { cluster: true })).rejects.toMatchObject({ code: 'REDIS_CLUSTER' });
      },
      () => single.stop(),
    );
    await expect(begin(single.url, { cluster: true })).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
    const wrong = new URL(cluster.url);
    wrong.password = 'wrong';
    await expect(begin(wrong.href, { cluster: true })).rejects.toMatchObject({ code: 'REDIS_AUTH' });
  });
});
