import { expect, it } from 'vitest';
import { flagsTakenByNpm } from './npm-flags.ts';

const TABLE = { arms: { value: 'LIST', help: '' }, 'store-sizes': { value: 'LIST', help: '' }, json: { help: '' } };
const taken = (env: Record<string, string>, argv: readonly string[] = []) => flagsTakenByNpm('bench', argv, TABLE, env);

it('finds flags with and without their values, and shows the intended command', () => {
  const env = {
    npm_lifecycle_event: 'bench',
    npm_config_arms: 'none,a',
    npm_config_store_sizes: 'true',
    npm_config_json: 'true',
  };
  expect(taken(env)).toEqual({
    flags: ['--arms', '--store-sizes', '--json'],
    meant: 'npm run bench -- --arms none,a --store-sizes LIST --json',
  });
  expect(taken({ ...env, npm_lifecycle_event: 'tollgate' })?.meant).toMatch(/^npm run tollgate -- bench --arms/);
});

it('ignores flags that reached the command, that npm left alone, or that were given to another script', () => {
  expect(taken({ npm_lifecycle_event: 'bench', npm_config_json: 'true' }, ['--json'])).toBeNull();
  expect(taken({ npm_lifecycle_event: 'bench', npm_config_arms: 'a' }, ['--arms=b'])).toBeNull();
  expect(taken({ npm_lifecycle_event: 'bench', npm_config_json: '', npm_config_cache: '/x' })).toBeNull();
  expect(taken({ npm_lifecycle_event: 'test', npm_config_arms: 'a' })).toBeNull();
  expect(taken({ npm_config_arms: 'a' })).toBeNull();
});
