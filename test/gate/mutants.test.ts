/** Tests of the checks: each must fail for the server with its fault, and pass for servers with other faults. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSecrets, type User } from '../../bench/fleet/secrets.ts';
import { type Check, pass } from '../../bench/gate/check.ts';
import { describeMutants, type MutantInfo } from '../../bench/gate/mutants/list.ts';
import { mutantStage, runMutants } from '../../bench/gate/mutants/run.ts';
import { CHECKS } from '../../bench/gate/registry.ts';
import { isQuickFor } from '../../bench/gate/run-gate.ts';
import { makeGateUsers } from '../../bench/gate/stage/stage.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { thenEnding } from '../../core/errors.ts';
import { createRandom } from '../../core/stats/random.ts';
import { ARMS } from '../../servers/arms.ts';
import type { Secrets } from '../../servers/configuration.ts';
import { findMutant } from '../../servers/testing/mutants.ts';
import { inProcessStage } from '../support/gate-stage.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

const SEED = 1;
/** Number of unrelated checks that run against each mutant: different ones for each, the same each time. */
const UNRELATED = 3;

let redis: TestRedis;
let secrets: Secrets;
let users: readonly User[];
let mutants: readonly MutantInfo[];
beforeAll(async () => {
  [redis, secrets, users, mutants] = await Promise.all([
    startRedis(),
    makeSecrets(),
    makeGateUsers(),
    describeMutants(),
  ]);
});
afterAll(() => redis.stop());

const { signal } = new AbortController();
const inProcess = () => inProcessStage({ secrets, users, redisUrl: redis.url, find: findMutant });

const isInProcess = ({ readsOutput = false }: Check) => !readsOutput;
const needsProcess = (check: Check) => !isInProcess(check);
const ofChecks = (of: (check: Check) => boolean) =>
  mutants.filter(({ check }) => CHECKS.some((candidate) => candidate.id === check && of(candidate)));

/** The mutant's check, and a few unrelated ones. */
function sample(mutant: MutantInfo): readonly Check[] {
  const { check: own, info } = mutant;
  const others = CHECKS.filter((c) => c.id !== own && isQuickFor(c, info) && c.appliesTo(info) === true);
  const drawn = createRandom(SEED).derive(mutant.name).shuffle(others).slice(0, UNRELATED);
  return [...CHECKS.filter(({ id }) => id === own), ...drawn];
}

describe('the catalogue', () => {
  it('numbers its checks from 1 on, each once', () => {
    expect(CHECKS.map(({ id }) => id)).toEqual(CHECKS.map((_, i) => i + 1));
  });

  it('has a check for each mutant, and for each declared side effect of a mutant', () => {
    const ids = new Set(CHECKS.map(({ id }) => id));
    const wanted = mutants.flatMap(({ check, alsoFails }) => [check, ...Object.keys(alsoFails).map(Number)]);
    expect(wanted.filter((id) => !ids.has(id))).toEqual([]);
  });

  it('has a mutant for each check, under a name that no arm and no other mutant has', () => {
    const covered = new Set(mutants.map(({ check }) => check));
    expect(CHECKS.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
    const names = [...mutants.map(({ name }) => name), ...ARMS.map(({ info }) => info.name)];
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the gate', () => {
  it('catches every mutant with its own check, and with others only for a declared reason', async () => {
    const matrix = await runMutants({
      mutants: ofChecks(isInProcess),
      checks: CHECKS.filter(isInProcess),
      checksFor: sample,
      stage: inProcess(),
      atOnce: 5,
      signal,
    });
    expect(matrix.faults).toEqual([]);
    expect(matrix.rows.filter(({ run }) => run < 1 + UNRELATED)).toEqual([]);
  });

  it('catches mutants that run as processes, by their log', async () => {
    const janitor = await Janitor.start();
    await thenEnding(
      async () => {
        const matrix = await runMutants({
          mutants: ofChecks(needsProcess),
          checks: CHECKS.filter(needsProcess),
          stage: mutantStage({ janitor, secrets, users, redisUrl: null, runId: 'mutants' }),
          atOnce: 1,
          signal,
        });
        expect(matrix.faults).toEqual([]);
        expect(matrix.rows.length).toBeGreaterThan(1);
      },
      () => janitor.finish(),
    );
  });

  it('rejects a check that cannot fail', async () => {
    const blind: Check = {
      id: 1,
      name: 'sees nothing',
      family: 'blind',
      refs: [],
      quick: true,
      variant: 'standard',
      appliesTo: () => true,
      run: async () => pass('all is well'),
    };
    const matrix = await runMutants({
      mutants: mutants.filter(({ check }) => check === 1).slice(0, 1),
      checks: [blind],
      stage: inProcess(),
      atOnce: 1,
      signal,
    });
    expect(matrix.faults).toEqual([
      'check 1 did not catch alg-none: all is well',
      'check 1 caught no mutant, so what passes it proves nothing',
    ]);
  });
});
