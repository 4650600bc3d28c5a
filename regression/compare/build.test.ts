import { expect, it } from 'vitest';
import { describeArms } from '../../bench/run/arms.ts';
import { armOf } from './build.ts';

const NAME = 'opaque-introspection';
const facts = await describeArms();
const listed = [{ name: NAME, baseline: false, usesRedis: true }];

it('knows an arm as its build describes it, with the companions that it needs', () => {
  expect(armOf({ arms: listed, facts }, NAME)).toMatchObject({ companions: ['issuer'], usesRedis: false });
});

it('fills in what a build of another time says in other words, and knows no arm that it lacks', () => {
  expect(armOf({ arms: listed, facts: [] }, NAME)).toMatchObject({ name: NAME, baseline: false, usesRedis: true });
  expect(armOf({ arms: listed, facts }, 'none-such')).toBeNull();
});
