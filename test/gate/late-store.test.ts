/** Checks of sound servers on a busy machine: a store that is late once must not be taken for a fault, or for a refusal. */
import type { FastifyRequest } from 'fastify';
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
import type { Scheme } from '../../servers/scheme.ts';
import { inProcessStage } from '../support/gate-stage.ts';
import { startRedis } from '../support/redis.ts';

/** Answers each request for its store with 503 first, and serves it when it is repeated. */
function lateFirst(scheme: Scheme): Scheme {
  const late = new Set<string>();
  const isLate = ({ method, url, headers }: FastifyRequest, of = '') => {
    const key = JSON.stringify([method, url, headers.authorization, headers.cookie, of]);
    if (late.delete(key)) return false;
    late.add(key);
    return true;
  };
  const tooLate = () => new StoreUnavailable(new Error('the store is late'));
  const { refresh } = scheme;
  return {
    ...scheme,
    authenticate(request, reply, done) {
      if (isLate(request)) done(tooLate());
      else scheme.authenticate(request, reply, done);
    },
    async issue(request, reply, user) {
      if (isLate(request, user.username)) throw tooLate();
      return scheme.issue(request, reply, user);
    },
    refresh:
      refresh === null
        ? null
        : async (request, reply, refreshToken) => {
            if (isLate(request, refreshToken)) throw tooLate();
            return refresh(request, reply, refreshToken);
          },
  };
}

function withLateStore(arm: Arm): Arm {
  return {
    ...arm,
    async load() {
      const factory = await arm.load();
      return (context) => lateFirst(factory(context));
    },
  };
}

function armOf(name: string): Arm {
  const arm = findArm(name);
  if (arm === undefined) throw new TypeError(`there is no arm ${name}`);
  return arm;
}

/** These need requests that are served at their first attempt: 42 uses a token steadily in a time of 300 ms. */
const NEEDS_PROMPTNESS: readonly number[] = [42, 67];

/** Checks of outages provoke 503 themselves. */
const isOfServed =
  (arm: ArmInfo) =>
  (check: Check): boolean =>
    !NEEDS_PROMPTNESS.includes(check.id) && check.readsOutput !== true && variantOf(check, arm) !== 'outage';

// Credentials of each kind: a session, an encrypted cookie, tokens with a refresh, with proofs, opaque, and two together.
it.each(['session-redis-lean', 'jwe-cookie', 'jwt-refresh', 'jwt-dpop', 'opaque-introspection', 'hybrid'])(
  'no check of %s fails',
  async (name) => {
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
  },
);
