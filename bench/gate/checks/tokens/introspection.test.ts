import { expect, it } from 'vitest';
import { armInfo } from '../../../testing/arm-info.ts';
import { serviceTarget } from '../../../testing/service-target.ts';
import { INTROSPECTION } from './introspection.ts';

const arm = armInfo('opaque', { stores: ['opaque-token'] });
const neverIssued = INTROSPECTION.find(({ id }) => id === 78);

/** Takes a token for another of its length that begins like it, if that is among the latest few that it has seen. */
function careless(remembers: number): (token: string) => string {
  let seen: string[] = [];
  return (token) => {
    const known = seen.find((one) => one.length === token.length && one.slice(0, 32) === token.slice(0, 32));
    seen = [...seen, token].slice(-remembers);
    return known ?? token;
  };
}

it('does not take a late store for a token that is served wrongly', async () => {
  expect(await neverIssued?.run(serviceTarget({ arm, store: 'late' }))).toEqual({
    ...{ result: 'pass', detail: '50 tokens that were never issued were refused' },
  });
});

it('finds a cache that takes one token for another, although it forgets soon', async () => {
  expect(await neverIssued?.run(serviceTarget({ arm, countsAs: careless(30) }))).toMatchObject({
    ...{ result: 'fail', detail: 'a token with another letter got 200' },
  });
});
