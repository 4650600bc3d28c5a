/** Checks of sound servers on a busy machine: a store that is late once must not be taken for a fault, or for a refusal. */
import { expect, it } from 'vitest';
import { makeSecrets } from '../../bench/fleet/secrets.ts';
import { type Check, variantOf } from '../../bench/gate/check.ts';
import { CHECKS } from '../../bench/gate/registry.ts';
import { runGate } from '../../bench/gate/run-gate.ts';
import { makeGateUsers } from '../../bench/gate/stage/stage.ts';
import { thenEnding } from '../../core/errors.ts';
import { type Arm, findArm } from '../../servers/arms.ts';
import type { ArmInfo } from '../../servers/contract.ts';
import { StoreUnavailable } from '../../servers/errors.ts';
import type { Guard } from '../../servers/scheme.ts';
import { inProcessStage } from '../support/gate-stage.ts';
import { startRedis } from '../support/redis.ts';

/** Answers each request with 503 first, and serves it when it is repeated. */
function lateFirst(guard: Guard): Guard {
  const late = new Set<string>();
  return (request, reply, done) => {
    const { method, url, headers } = request;
    const key = JSON.stringify([method, url, headers.authorization, headers.cookie]);
    if (late.delete(key)) return guard(request, reply, done);
    late.add(key);
    done(new StoreUnavailable(new Error('the store is late')));
  };
}

function withLateStore(arm: Arm): Arm {
  return {
    ...arm,
    async load() {
      const factory = await arm.load();
      return (context) => {
        const real = factory(context);
        return { ...real, authenticate: lateFirst(real.authenticate) };
      };
    },
  };
}

function armOf(name: string): Arm {
  const arm = findArm(name);
  if (arm === undefined) throw new TypeError(`there is no arm ${name}`);
  return arm;
}

/** Check 67 needs a request that is served at its first attempt; checks of outages provoke 503 themselves. */
const isOfServed =
  (arm: ArmInfo) =>
  (check: Check): boolean =>
    check.id !== 67 && check.readsOutput !== true && variantOf(check, arm) !== 'outage';

// A cookie, tokens with a refresh, and tokens with proofs: between them, every check of a credential applies.
it.each(['session-redis-lean', 'jwt-refresh', 'jwt-dpop'])('no check of %s fails', async (name) => {
  const arm = armOf(name);
  const redis = await startRedis();
  await thenEnding(
    async () => {
      const [secrets, users] = await Promise.all([makeSecrets(), makeGateUsers()]);
      const find = () => withLateStore(arm);
      const { arms } = await runGate({
        arms: [arm.info],
        checks: CHECKS.filter(isOfServed(arm.info)),
        stage: inProcessStage({ secrets, users, redisUrl: redis.url, find }),
        quick: false,
        armsAtOnce: 1,
        signal: new AbortController().signal,
      });
      const outcomes = arms.flatMap((one) => one.outcomes);
      expect(outcomes.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
      expect(outcomes.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(20);
    },
    () => redis.stop(),
  );
});
