import { expect, it } from 'vitest';
import { serviceTarget } from '../../testing/service-target.ts';
import type { Answer } from '../http.ts';
import { CHANNELS } from './channels.ts';

it('says that a credential cannot be ended once the connections were broken', async () => {
  const [channels] = CHANNELS;
  const redis = { disconnectAll: async () => {}, lose: async () => {}, freeze: () => {}, thaw: () => {} };
  const write = async () => ({ status: 500 }) as Answer;
  expect(await channels?.run({ ...serviceTarget(), redis, write })).toEqual({
    ...{ result: 'fail', detail: 'logout returned 500 after the connections were broken' },
  });
});
