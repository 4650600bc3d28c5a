/**
 * Fleets in two processes for all arms: the first replica of every arm in one, the second in the other, and one Redis
 * with separate keys for each arm. Replicas of one arm share no memory, as in production; those of different arms do.
 */

import { stopInOrder } from '../../../core/stop-in-order.ts';
import type { Secrets } from '../../../servers/configuration.ts';
import type { ArmInfo } from '../../../servers/contract.ts';
import type { StartMessage } from '../../../servers/messages.ts';
import type { Companion } from '../../fleet/companions/companion.ts';
import { companionsMessage, startCompanions } from '../../fleet/companions/start.ts';
import { provideRedis } from '../../fleet/redis/provide.ts';
import type { RedisInstance } from '../../fleet/redis/redis.ts';
import type { Endpoint } from '../http.ts';
import { type Host, startHost } from './host.ts';
import { type GateEnvironment, redisKey, type Stage } from './stage.ts';
import { VARIANTS } from './variants.ts';

export interface HostedStage {
  readonly stage: Stage;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';

/** Supports only the standard fleet: without TLS, and without a Redis that may be stopped. */
export function createHostedStage(environment: GateEnvironment): HostedStage {
  const hosts: [Host, Host][] = [];
  let redis: Promise<RedisInstance> | null = null;
  const companions: (readonly Companion[])[] = [];
  let fleets = 0;

  /** For one fleet: companions have no key prefixes, and a user disabled for one arm would be disabled for all. */
  async function companionsFor(arm: ArmInfo): Promise<readonly Companion[]> {
    const started = await startCompanions(arm, { ...environment, onDeath: () => {} });
    companions.push(started);
    return started;
  }

  /** Returns the running pair, or a new one if a process has ended, so that one check's crash does not fail the others. */
  function living(): [Host, Host] {
    const last = hosts.at(-1);
    if (last?.every((host) => host.death() === null)) return last;
    const pair: [Host, Host] = [startHost(environment.janitor), startHost(environment.janitor)];
    hosts.push(pair);
    return pair;
  }

  return {
    async stage(arm, variantName) {
      const { settings } = VARIANTS[variantName];
      const [one, other] = living();
      if (arm.usesRedis) redis ??= provideRedis(environment, redisKey('quick'));
      const shared = arm.usesRedis ? await redis : null;
      const start: Omit<StartMessage, 'secrets'> = {
        type: 'start',
        arm: arm.name,
        host: HOST,
        port: 0,
        users: environment.users.map(({ record }) => record),
        settings,
        ...(shared === null
          ? {}
          : { redis: { url: shared.url, keyPrefix: `${shared.keyPrefix}${arm.name}-${fleets++}:` } }),
        ...companionsMessage(await companionsFor(arm)),
      };
      const endpoint = (port: number): Endpoint => ({ host: HOST, port, certificate: null });
      const serveWith = (secrets: Secrets) =>
        Promise.all([one.serve({ ...start, secrets }), other.serve({ ...start, secrets })]);
      const [first, second] = await serveWith(environment.secrets);
      const [behindFirst, behindSecond] = [first.behindPort, second.behindPort];
      return {
        replicas: [endpoint(first.port), endpoint(second.port)],
        behind:
          behindFirst === undefined || behindSecond === undefined
            ? null
            : [endpoint(behindFirst), endpoint(behindSecond)],
        async withKeys(secrets) {
          const [here, there] = await serveWith(secrets);
          return [endpoint(here.port), endpoint(there.port)];
        },
        settings,
        secrets: environment.secrets,
        users: environment.users,
        redis: null,
        death: () => one.death() ?? other.death(),
        output: () => one.output() + other.output(),
        // Idle servers cost nothing, and all end together.
        stop: async () => {},
      };
    },
    async stop() {
      await stopInOrder([hosts.flat(), companions.flat(), [{ stop: async () => (await redis)?.stop() }]]);
    },
  };
}
