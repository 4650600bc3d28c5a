import { describe, expect, it } from 'vitest';
import { makeSecrets } from '../../bench/fleet/secrets.ts';
import { startHost } from '../../bench/gate/stage/host.ts';
import { createHostedStage } from '../../bench/gate/stage/hosted-stage.ts';
import { makeGateUsers } from '../../bench/gate/stage/stage.ts';
import { createTarget, isFor } from '../../bench/gate/target.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { describeArms } from '../../bench/run/arms.ts';
import { thenEnding } from '../../core/errors.ts';

describe('a host of replicas', () => {
  it('says why an arm cannot start, still serves the next one, and reports its own end', async () => {
    const janitor = await Janitor.start();
    const host = startHost(janitor);
    await thenEnding(
      async () => {
        const [secrets, users] = await Promise.all([makeSecrets(), makeGateUsers()]);
        const records = users.map(({ record }) => record);
        const start = { type: 'start', host: '127.0.0.1', port: 0, secrets, users: records } as const;
        await expect(host.serve({ ...start, arm: 'no-such-arm' })).rejects.toThrow('There is no arm no-such-arm');
        expect((await host.serve({ ...start, arm: 'jwt-hs256' })).port).toBeGreaterThan(0);
        expect(host.death()).toBeNull();
        await host.stop();
        expect(host.death()).toMatch(/SIGKILL/);
        await expect(host.serve({ ...start, arm: 'jwt-hs256' })).rejects.toThrow('is gone');
      },
      () => host.stop(),
      () => janitor.finish(),
    );
  });

  it('gives arms that share its processes and its Redis separate users and sessions', async () => {
    const janitor = await Janitor.start();
    const environment = {
      janitor,
      secrets: await makeSecrets(),
      users: await makeGateUsers(),
      redisUrl: null,
      runId: 'test',
    };
    const hosted = createHostedStage(environment);
    await thenEnding(
      async () => {
        const arms = (await describeArms()).filter(({ name }) => name === 'session-redis-lean');
        const [arm] = arms;
        if (arm === undefined) throw new Error('no arm session-redis-lean');
        const one = createTarget(arm, await hosted.stage(arm, 'standard'));
        const other = createTarget(arm, await hosted.stage(arm, 'standard'));
        const user = one.freshUser();
        const session = await one.login(0, user);
        expect(isFor(await one.read(1, session), user)).toBe(true);
        expect((await other.read(0, session)).status).toBe(401);
        await one.disable(0, user);
        expect((await one.read(1, session)).status).toBe(401);
        expect((await other.tryLogin(1, user)).status).toBe(200);
      },
      () => hosted.stop(),
      () => janitor.finish(),
    );
  });
});
