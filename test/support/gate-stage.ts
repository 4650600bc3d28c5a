/** Fleets for the gate inside the test's process: far cheaper than replicas, for checks that only use HTTP. */
import type { FastifyInstance } from 'fastify';
import { makeCertificate } from '../../bench/fleet/certificate.ts';
import { makeUsers, type User } from '../../bench/fleet/secrets.ts';
import type { Endpoint } from '../../bench/gate/http.ts';
import { controlOf } from '../../bench/gate/stage/redis-control.ts';
import type { Stage } from '../../bench/gate/stage/stage.ts';
import { VARIANTS } from '../../bench/gate/stage/variants.ts';
import type { GateFleet } from '../../bench/gate/target.ts';
import type { Secrets } from '../../servers/configuration.ts';
import { type FindArm, serve } from '../../servers/process/serve.ts';
import { companionProcesses, companionsHere } from './companions.ts';
import { startRedis } from './redis.ts';

export interface StageParts {
  readonly secrets: Secrets;
  readonly users: readonly User[];
  /** One Redis for all fleets, except for those that freeze it. */
  readonly redisUrl: string;
  readonly find?: FindArm;
}

const HOST = '127.0.0.1';

export function inProcessStage({ secrets, users, redisUrl, find }: StageParts): Stage {
  let fleets = 0;
  return async (arm, variantName): Promise<GateFleet> => {
    const { settings, tls: wantsTls, passwords } = VARIANTS[variantName];
    const tls = wantsTls ? makeCertificate() : null;
    const fleetUsers = passwords === undefined ? users : await makeUsers(8, passwords);
    // A Redis that will be frozen must not be shared.
    const own = variantName === 'outage' && arm.usesRedis ? await startRedis() : null;
    const companions = await (variantName === 'outage'
      ? companionProcesses(arm, secrets)
      : companionsHere(arm, secrets));
    const redis = { url: own?.url ?? redisUrl, keyPrefix: `gate:${arm.name}:${fleets++}:` };
    const apps: FastifyInstance[] = [];
    const start = async (keys: Secrets): Promise<{ reached: Endpoint; behind: Endpoint | null }> => {
      const { app, port, behindPort } = await serve(
        {
          arm: arm.name,
          host: HOST,
          port: 0,
          secrets: keys,
          users: fleetUsers.map(({ record }) => record),
          settings,
          ...(arm.usesRedis ? { redis } : {}),
          companions: companions.addresses,
          ...(tls === null ? {} : { tls }),
        },
        false,
        find,
      );
      apps.push(app);
      return {
        reached: { host: HOST, port, certificate: tls?.certificate ?? null },
        behind: behindPort === undefined ? null : { host: HOST, port: behindPort, certificate: null },
      };
    };
    const startTwo = (keys: Secrets) => Promise.all([start(keys), start(keys)]);
    const [one, other] = await startTwo(secrets);
    return {
      replicas: [one.reached, other.reached],
      behind: one.behind === null || other.behind === null ? null : [one.behind, other.behind],
      async withKeys(keys) {
        const [here, there] = await startTwo(keys);
        return [here.reached, there.reached];
      },
      settings,
      secrets,
      users: fleetUsers,
      redis: own === null ? null : controlOf({ pid: own.process.pid ?? null, url: own.url }),
      companion: companions.control ?? null,
      death: () => null,
      output: () => '',
      async stop() {
        for (const app of apps) app.server.closeAllConnections();
        await Promise.all(apps.map((app) => app.close()));
        await companions.stop();
        await own?.stop();
      },
    };
  };
}
