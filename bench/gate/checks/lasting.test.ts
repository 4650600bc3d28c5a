import { expect, it } from 'vitest';
import { serviceTarget } from '../../testing/service-target.ts';
import type { GateTarget } from '../target.ts';
import { LASTING } from './lasting.ts';

const run = (id: number, target: GateTarget) => LASTING.find((check) => check.id === id)?.run(target);

it('does not take a late store for the end of another credential', async () => {
  for (const store of ['late', 'late-but-done'] as const)
    expect(await run(89, serviceTarget({ store }))).toMatchObject({ result: 'pass' });
});

it('tells a credential that never worked from one that ended with another', async () => {
  expect(await run(89, serviceTarget({ countsAs: () => null }))).toEqual({
    result: 'fail',
    detail:
      'a credential that nobody had ended does not work: a read with it was refused, or was answered for another user',
  });
});

it('does not take a late store for a later replica that refuses what nobody ended', async () => {
  for (const store of ['late', 'late-but-done'] as const)
    expect(await run(92, serviceTarget({ store }))).toMatchObject({ result: 'pass' });
});
