import { expect, test } from 'vitest';
import type { GateOutcome } from '../../core/results/gate-schema.ts';
import { armInfo } from '../testing/arm-info.ts';
import { type Check, fail, pass } from './check.ts';
import { runGate } from './run-gate.ts';
import type { Stage } from './stage/stage.ts';

const user = (username: string) => ({
  username,
  password: 'x',
  record: { id: username, username, roles: [], passwordHash: '' },
});

interface Staged {
  readonly stage: Stage;
  readonly started: string[];
  readonly stopped: string[];
  kill(): void;
}

/** Fleets without servers; the newest one can be killed. */
function staged(): Staged {
  const [started, stopped]: [string[], string[]] = [[], []];
  let killNewest = () => {};
  return {
    started,
    stopped,
    kill: () => killNewest(),
    stage: async (arm, variant) => {
      const name = `${arm.name}/${variant}`;
      started.push(name);
      let death: string | null = null;
      killNewest = () => {
        death = 'killed by the test';
      };
      const endpoint = { host: '127.0.0.1', port: 1, certificate: null };
      return {
        replicas: [endpoint, endpoint],
        settings: {},
        secrets: {} as Awaited<ReturnType<Stage>>['secrets'],
        users: [user('somebody'), user('admin')],
        redis: null,
        withKeys: async () => [endpoint, endpoint],
        death: () => death,
        output: () => '',
        stop: async () => void stopped.push(name),
      };
    },
  };
}

const check = (id: number, more: Partial<Check> = {}): Check => ({
  id,
  name: `check ${id}`,
  family: 'test',
  refs: [],
  quick: false,
  variant: 'standard',
  appliesTo: () => true,
  run: async () => pass('fine'),
  ...more,
});

async function gate(checks: readonly Check[], { stage }: Staged, quick = false): Promise<GateOutcome[]> {
  const arms = [armInfo('arm')];
  const result = await runGate({ arms, checks, stage, quick, armsAtOnce: 1, signal: new AbortController().signal });
  return result.arms[0]?.outcomes ?? [];
}

const brief = (outcomes: readonly GateOutcome[]) => outcomes.map(({ check: id, verdict }) => [id, verdict]);

test('checks of one variant share a fleet, one marked `alone` gets its own, and every fleet is stopped', async () => {
  const fleets = staged();
  const checks = [check(1), check(2, { variant: 'brief' }), check(3), check(4, { alone: true })];
  expect(brief(await gate(checks, fleets))).toEqual([1, 2, 3, 4].map((id) => [id, 'pass']));
  expect(fleets.started.toSorted()).toEqual(['arm/brief', 'arm/standard', 'arm/standard']);
  expect(fleets.stopped.toSorted()).toEqual(fleets.started.toSorted());
});

test('a check that does not apply is reported with its reason, and starts nothing', async () => {
  const fleets = staged();
  const outcomes = await gate([check(1, { appliesTo: () => 'no refresh token' })], fleets);
  expect(outcomes).toMatchObject([{ check: 1, verdict: 'not-applicable', detail: 'no refresh token' }]);
  expect(fleets.started).toEqual([]);
});

test('a check that throws or times out has failed', async () => {
  const outcomes = await gate(
    [
      check(1, { run: () => Promise.reject(new Error('no answer\nand a second line')) }),
      check(2, { run: () => new Promise(() => {}), timeoutMs: 20 }),
      check(3, { run: async () => fail('seen') }),
    ],
    staged(),
  );
  expect(brief(outcomes)).toEqual([1, 2, 3].map((id) => [id, 'fail']));
  expect(outcomes[0]?.detail).toBe('the check failed to finish: no answer');
  expect(outcomes[1]?.detail).toMatch(/no result within/);
});

test('a check without a result is repeated alone if the machine stalled, and that result counts', async () => {
  const fleets = staged();
  const standStill = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
  const runs = [0, 0, 0];
  const late = (index: number, then: 'passes' | 'breaks off' | 'says so') =>
    check(index + 1, {
      async run() {
        runs[index] = (runs[index] ?? 0) + 1;
        if (runs[index] === 1) standStill();
        if (then === 'says so') return fail('seen');
        if (then === 'breaks off' || runs[index] === 1) throw new Error('no answer');
        return pass('fine');
      },
    });
  const outcomes = await gate([late(0, 'passes'), late(1, 'breaks off'), late(2, 'says so')], fleets);
  expect(brief(outcomes)).toEqual([
    [1, 'pass'],
    [2, 'fail'],
    [3, 'fail'],
  ]);
  expect(runs).toEqual([2, 2, 1]);
  expect(fleets.started).toHaveLength(3);
});

test('if a replica dies, each running check is repeated alone, and only the one that kills it fails', async () => {
  const fleets = staged();
  const both = Promise.withResolvers<void>();
  let waiting = 0;
  const arrive = () => {
    waiting += 1;
    if (waiting === 2) both.resolve();
    return both.promise;
  };
  const deadly = check(1, {
    run: async () => {
      await arrive();
      fleets.kill();
      return pass('it was answered');
    },
  });
  const harmless = check(2, {
    run: async () => {
      await arrive();
      return pass('fine');
    },
  });
  const outcomes = await gate([deadly, harmless], fleets);
  expect(brief(outcomes)).toEqual([
    [1, 'fail'],
    [2, 'pass'],
  ]);
  expect(outcomes[0]?.detail).toBe('a replica ended: killed by the test');
  expect(fleets.started).toHaveLength(3);
  expect(fleets.stopped).toHaveLength(3);
});

test('the quick part consists of the quick checks that the standard fleet supports', async () => {
  const fleets = staged();
  const checks = [
    check(1),
    check(2, { quick: true }),
    check(3, { quick: true, variant: 'brief' }),
    check(4, { quick: true, variant: (arm) => (arm.revocation === 'at-once' ? 'standard' : 'brief') }),
  ];
  expect(brief(await gate(checks, fleets, true))).toEqual([
    [2, 'pass'],
    [4, 'pass'],
  ]);
});
