import { expect, it } from 'vitest';
import { lateLogout } from '../../testing/late-logout.ts';
import { serviceTarget } from '../../testing/service-target.ts';
import { SESSION_ENDING } from './session-ending.ts';

const logout = SESSION_ENDING.find(({ id }) => id === 23);

it('sees whether a logout deletes the cookie, although an earlier one was done and answered with 503', async () => {
  expect(await logout?.run(lateLogout(null))).toMatchObject({
    ...{ result: 'fail', detail: 'logout leaves the cookie in the browser' },
  });
  expect(await logout?.run(lateLogout('__Host-sid=; Path=/; Max-Age=0'))).toMatchObject({ result: 'pass' });
});

it('does not pass if no logout was answered', async () => {
  expect(await logout?.run(serviceTarget({ store: 'late-but-done' }))).toMatchObject({
    ...{ result: 'fail', detail: 'the store was late each time: try again when the machine is quiet' },
  });
});
