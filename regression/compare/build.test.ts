import { expect, it } from 'vitest';
import { describeArms } from '../../bench/run/arms.ts';
import { armOf } from './build.ts';

const NAME = 'opaque-introspection';
const facts = await describeArms();
const listed = [{ name: NAME, baseline: false, usesRedis: true }];

it('reads an arm from its build’s description, with its companions', () => {
  expect(armOf({ arms: listed, facts }, NAME)).toMatchObject({ companions: ['issuer'], usesRedis: false });
});

it('translates the description of another version, and knows no arm that it lacks', () => {
  expect(armOf({ arms: listed, facts: [] }, NAME)).toMatchObject({ name: NAME, baseline: false, usesRedis: true });
  expect(armOf({ arms: listed, facts }, 'none-such')).toBeNull();
});
