import { describe, expect, it } from 'vitest';
import { serviceTarget } from '../testing/service-target.ts';
import { endCredential, endOnceServed, WAYS_TO_END } from './end-credential.ts';
import { readOnceServed } from './served.ts';

/** Requests that are answered with these statuses, and with the last one from then on. */
function answering(...statuses: number[]) {
  let asked = 0;
  return async () => ({ status: statuses[Math.min(asked++, statuses.length - 1)] ?? 0 });
}

describe('the end of a credential by its own request', () => {
  it('counts if it was served, or if a late store had ended it before the repeated request', async () => {
    for (const statuses of [[204], [503, 204], [503, 401], [503, 503, 401]])
      expect((await endOnceServed(answering(...statuses))).hasEnded, `${statuses}`).toBe(true);
  });

  it('does not count if the first request is refused, or any fails', async () => {
    for (const statuses of [[401], [200], [403], [500], [503, 500], [503, 403]])
      expect((await endOnceServed(answering(...statuses))).hasEnded, `${statuses}`).toBe(false);
    expect(await endOnceServed(answering(503), 30)).toEqual({ answer: { status: 503 }, hasEnded: false });
  });
});

describe('every way to end a credential', () => {
  it.each(WAYS_TO_END)('ends it although the store is late: %s', async (way) => {
    for (const store of ['late', 'late-but-done'] as const) {
      const target = serviceTarget({ store });
      const [session, other] = [await target.login(0, target.freshUser()), await target.login(0, target.freshUser())];
      await endCredential(target, way, session, await target.login(0, target.admin));
      expect((await readOnceServed(target, 0, session)).status).toBe(401);
      expect((await readOnceServed(target, 0, other)).status).toBe(200);
    }
  });

  it.each(WAYS_TO_END)('says which one failed: %s', async (way) => {
    const target = serviceTarget();
    const [session, admin] = [await target.login(0, target.freshUser()), await target.login(0, target.admin)];
    const failing = { write: answering(500) };
    await expect(endCredential(failing, way, session, admin)).rejects.toThrow(`${way} returned 500`);
    const down = { write: answering(503) };
    await expect(endCredential(down, way, session, admin, 30)).rejects.toThrow(`${way} returned 503`);
  });

  it('does not take the refusal of an administrator for the end of the user’s credential', async () => {
    const target = serviceTarget();
    const [session, admin] = [await target.login(0, target.freshUser()), await target.login(0, target.admin)];
    const refusing = { write: answering(503, 401) };
    await expect(endCredential(refusing, 'disabling the user', session, admin)).rejects.toThrow('returned 401');
  });
});
