import { expect, it } from 'vitest';
import { ROUTES } from '../../servers/contract.ts';
import { serviceTarget } from './service-target.ts';

it('issues a token of its own to each login, also after another has ended', async () => {
  const target = serviceTarget();
  const user = target.freshUser();
  const first = await target.login(0, user);
  await target.write(0, first, ROUTES.logout.path);
  expect((await target.login(0, user)).accessToken).not.toBe(first.accessToken);
});
