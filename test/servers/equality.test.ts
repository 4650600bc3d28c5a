/** All arms get the same random requests, and each must keep exactly the promises of its description. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../core/stats/random.ts';
import { ARMS, findArm } from '../../servers/arms.ts';
import { mutantArm } from '../../servers/testing/mutant.ts';
import { MUTANTS } from '../../servers/testing/mutants.ts';
import {
  firstMismatch,
  PASSWORD,
  promisesOf,
  randomSteps,
  type Subject,
  shrink,
  tell,
} from '../support/equality/run.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { freshSecrets, hashCheaply } from '../support/servers.ts';

const SEED = 20_260_101;
const SEQUENCES = 3;
const STEPS = 70;

const secrets = freshSecrets();
const users = [
  ['ada', ['user', 'admin']],
  ['eve', ['user', 'admin']],
  ['bob', ['user']],
  ['cyn', ['user']],
].map(([username, roles], i) => ({
  id: `u-${i}`,
  username: String(username),
  roles: [...(roles ?? [])],
  passwordHash: hashCheaply(PASSWORD),
}));

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
const world = () => ({ secrets, users, redisUrl: redis.url });

const subjects: (Subject & { readonly name: string })[] = ARMS.map((arm) => ({
  name: arm.info.name,
  arm,
  promises: promisesOf(arm),
}));
const dual = findArm('dual');
if (dual !== undefined) {
  const promises = promisesOf(dual, { needsCsrfProtection: false });
  subjects.push({ name: 'dual, asked for tokens', arm: dual, credential: 'token', promises });
}

describe('for any requests in any order, an arm keeps its promises', () => {
  it.each(subjects)('$name', async (subject) => {
    const random = createRandom(SEED);
    for (let n = 0; n < SEQUENCES; n++) {
      const steps = randomSteps(random, STEPS);
      const found = await firstMismatch(subject, steps, world());
      if (found === null) continue;
      const shortest = await shrink(subject, found, world());
      expect.fail(`${subject.name}, seed ${SEED}, sequence ${n}:\n${tell(shortest)}`);
    }
  });
});

describe('a broken arm', () => {
  it.each([
    ['logout-clears-the-cookie-only', 3],
    ['logout-all-ends-one', 4],
    ['disabled-user-stays-in', 4],
    ['no-recheck', 3],
    ['csrf-unchecked', 2],
    ['spent-token-accepted', 4],
    ['family-outlives-logout', 3],
    ['a-key-per-replica', 2],
  ])('%s is found, and shrunk to %i steps at most', async (name, most) => {
    const mutant = MUTANTS.find((one) => one.name === name);
    const base = findArm(mutant?.arm ?? '');
    if (mutant === undefined || base === undefined) throw new Error(`no mutant ${name}`);
    const subject = { arm: mutantArm(mutant, users), promises: promisesOf(base) };
    const random = createRandom(SEED);
    let found = null;
    for (let n = 0; n < 10 && found === null; n++)
      found = await firstMismatch(subject, randomSteps(random, STEPS), world());
    if (found === null) expect.fail('it kept every promise');
    const shortest = await shrink(subject, found, world());
    expect(shortest.taken.length, tell(shortest)).toBeLessThanOrEqual(most);
  });
});
