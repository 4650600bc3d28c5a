/** Checks 31 and 67: what must not bring an ended session back, such as a cache, or a request in progress at its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ROUTES } from '../../../servers/contract.ts';
import { allOf, type Check, fail, guards, verdict } from '../check.ts';
import { headersOf } from '../client-session.ts';
import { declaredEndMs, judgeLingering, unlessAtOnce, useAll, watchEnd } from '../ending.ts';
import { boundMs, endingLimit, needsReference } from '../promises.ts';
import { TRANSFER } from '../target.ts';
import type { Which } from '../which.ts';

const FAMILY = 'session';

const staleness: Check = {
  id: 31,
  name: 'a cache is never staler than declared',
  family: FAMILY,
  refs: ['ASVS 7.4.1'],
  quick: false,
  variant: 'brief',
  appliesTo: (arm) => {
    if (arm.baseline) return guards(arm);
    const mayCache = arm.family === 'session' || arm.companions !== undefined;
    return (typeof arm.revocation === 'object' && mayCache) || 'nothing is cached';
  },
  async run(target) {
    const bound = boundMs(target.arm, target.settings) ?? 0;
    const faults: string[] = [];
    let longest = 0;
    for (const [endedOn, cachedOn] of [
      [0, 1],
      [1, 0],
    ] satisfies [Which, Which][]) {
      const session = await target.login(endedOn, target.freshUser());
      await useAll(target, [{ session, replicas: [endedOn, cachedOn] }]);
      const { answeredAtMs: sinceMs } = await target.write(endedOn, session, ROUTES.logout.path);
      const watched = { session, replicas: [0, 1] as const, byMs: sinceMs + bound };
      const { outlived, lastAcceptedMs } = await watchEnd(target, [watched], sinceMs);
      longest = Math.max(longest, lastAcceptedMs ?? 0);
      if (outlived) faults.push(`an ended credential was accepted after ${Math.round(longest)} ms`);
    }
    return verdict(faults, `accepted for ${Math.round(longest)} ms at most, with a bound of ${bound} ms`);
  },
};

/** How long a replica gets to read a head and find its session; the second if the first was too short. */
const HEAD_MS = [100, 500] as const;

const lateWrite: Check = {
  id: 67,
  name: 'a request that was in progress at logout does not bring the session back',
  family: FAMILY,
  refs: ['ASVS 7.4.1'],
  quick: true,
  variant: unlessAtOnce(endingLimit),
  appliesTo: (arm) => allOf(guards(arm), needsReference(arm)),
  limitOf: endingLimit,
  async run(target) {
    for (const headMs of HEAD_MS) {
      const session = await target.login(0, target.freshUser());
      let sinceMs = 0;
      const late = await target.call(0, {
        ...ROUTES.transfer,
        headers: headersOf(session, 'write'),
        json: TRANSFER,
        async beforeBody() {
          await sleep(headMs);
          const { status, answeredAtMs } = await target.write(0, session, ROUTES.logout.path);
          if (status !== 204) throw new Error(`logout was answered with ${status}`);
          sinceMs = answeredAtMs;
        },
      });
      if (sinceMs === 0) return fail(`a request without its body was answered with ${late.status}`);
      const watched = { session, replicas: [0, 1] as const, byMs: declaredEndMs(target, session, sinceMs) };
      const ended = judgeLingering(target, 'the session', await watchEnd(target, [watched], sinceMs));
      // A request that came too late proves nothing, unless the session outlived it.
      if (late.status === 200 || ended.result === 'fail') return ended;
      if (late.status !== 401) return fail(`a request in progress at logout was answered with ${late.status}`);
    }
    return fail('no request was in progress at logout: each was refused, as if it came after it');
  },
};

export const ENDED_SESSIONS: readonly Check[] = [staleness, lateWrite];
