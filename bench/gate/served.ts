/** Whether a server accepts a credential, if its store may be late. */
import type { ClientSession } from './client-session.ts';
import type { Answer } from './http.ts';
import { onceServed } from './once-served.ts';
import { type GateTarget, isFor } from './target.ts';
import type { Which } from './which.ts';

/** The answer to `GET /me` with a credential. */
export function readOnceServed(
  target: Pick<GateTarget, 'read'>,
  which: Which,
  session: ClientSession,
): Promise<Answer> {
  return onceServed(() => target.read(which, session));
}

/** Whether a credential is accepted as that of its user. */
export async function isAlive(
  target: Pick<GateTarget, 'read'>,
  which: Which,
  session: ClientSession,
): Promise<boolean> {
  return isFor(await readOnceServed(target, which, session), session.user);
}
