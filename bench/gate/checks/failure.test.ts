import { expect, it } from 'vitest';
import { serviceTarget } from '../../testing/service-target.ts';
import { FAILURE } from './failure.ts';

const replicasAgree = FAILURE.find(({ id }) => id === 52);

it('does not take a late store for a replica that refuses what the other issued', async () => {
  expect(await replicasAgree?.run(serviceTarget({ store: 'late' }))).toEqual({
    ...{ result: 'pass', detail: 'reads and transfers were answered by the other replica' },
  });
});
