/** Requests with a credential to a server whose store may be late. */
import type { ClientSession } from './client-session.ts';
import type { Answer } from './http.ts';
import { onceServed } from './once-served.ts';
import { type GateTarget, isFor } from './target.ts';
import type { Which } from './which.ts';

/** The answer to `GET /me`, or another path, with a credential. */
export function readOnceServed(
  target: Pick<GateTarget, 'read'>,
  which: Which,
  session: ClientSession,
  path?: string,
): Promise<Answer> {
  return onceServed(() => target.read(which, session, path));
}

/** The answer to a transfer, or another state change that may be repeated, with a credential. */
export function writeOnceServed(
  target: Pick<GateTarget, 'write'>,
  which: Which,
  session: ClientSession,
  path?: string,
): Promise<Answer> {
  return onceServed(() => target.write(which, session, path));
}

/** Whether a credential is accepted as that of its user. */
export async function isAlive(
  target: Pick<GateTarget, 'read'>,
  which: Which,
  session: ClientSession,
): Promise<boolean> {
  return isFor(await readOnceServed(target, which, session), session.user);
}
