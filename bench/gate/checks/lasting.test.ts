import { expect, it } from 'vitest';
import { serviceTarget } from '../../testing/service-target.ts';
import type { GateTarget } from '../target.ts';
import { LASTING } from './lasting.ts';

const run = (id: number, target: GateTarget) => LASTING.find((check) => check.id === id)?.run(target);

it('does not take a late store for the end of another credential', async () => {
  for (const store of ['late', 'late-but-done'] as const)
    expect(await run(89, serviceTarget({ store }))).toMatchObject({ result: 'pass' });
});

/** A service with a late store, whose credentials have lives of these lengths in ms, in the order of logins. */
function expiring(...livesMs: number[]) {
  const service = serviceTarget({ store: 'late-but-done' });
  const names: string[] = [];
  const ends = new Map<string | null, number>();
  const target: GateTarget = {
    ...service,
    async login(which, user, options) {
      const session = await service.login(which, user, options);
      names.push(user.username);
      if (user.username !== 'admin')
        ends.set(session.accessToken, performance.now() + (livesMs[Math.min(ends.size, livesMs.length - 1)] ?? 0));
      return session;
    },
    endsAtMs: ({ accessToken }) => ends.get(accessToken) ?? 0,
  };
  return { target, names };
}

it('does not take the expiry of a short-lived credential for its end', async () => {
  await expect(run(88, expiring(0).target)).rejects.toThrow('had expired before');
  const { target, names } = expiring(0, 0, 0, 400);
  expect(await run(88, target)).toMatchObject({ result: 'pass' });
  expect(names.filter((name) => name !== 'admin')).toHaveLength(6);
});

it('logs the administrator in before the credential whose life is short', async () => {
  const { target, names } = expiring(400);
  await run(88, target);
  expect(names.slice(0, 3)).toEqual(['admin', 'admin', 'admin']);
  expect(names).toHaveLength(6);
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
