/** Ends credentials, although the store may be late. */
import { ROUTES } from '../../servers/contract.ts';
import type { ClientSession } from './client-session.ts';
import type { Answer } from './http.ts';
import { onceServed } from './once-served.ts';
import type { GateTarget } from './target.ts';
import type { Which } from './which.ts';

export const WAYS_TO_END = ['logout', 'logout everywhere', 'disabling the user'] as const;
export type WayToEnd = (typeof WAYS_TO_END)[number];

const PATHS: Readonly<Record<WayToEnd, (session: ClientSession) => string>> = {
  logout: () => ROUTES.logout.path,
  'logout everywhere': () => ROUTES.logoutAll.path,
  'disabling the user': ({ user }) => ROUTES.disableUser.path.replace(':id', user.record.id),
};

/**
 * Repeats a request that ends the credential which it carries, until it is served. A late store may have ended the
 * credential although the answer was 503: the repeated request is then refused.
 *
 * @returns the last answer, and whether the credential has ended
 */
export async function endOnceServed<A extends Pick<Answer, 'status'>>(
  ask: () => Promise<A>,
  withinMs?: number,
): Promise<{ readonly answer: A; readonly hasEnded: boolean }> {
  let asked = 0;
  const answer = await onceServed(() => {
    asked++;
    return ask();
  }, withinMs);
  return { answer, hasEnded: answer.status === 204 || (answer.status === 401 && asked > 1) };
}

/** Logs out at a replica. @returns the last answer @throws Error if the credential was not ended */
export async function logOut(target: Pick<GateTarget, 'write'>, which: Which, session: ClientSession): Promise<Answer> {
  const { answer, hasEnded } = await endOnceServed(() => target.write(which, session, ROUTES.logout.path));
  if (!hasEnded) throw new Error(`logout returned ${answer.status}`);
  return answer;
}

/** What ends a credential of the target; of the answers only the status counts. */
interface Ending {
  write(which: Which, session: ClientSession, path?: string): Promise<Pick<Answer, 'status'>>;
}

/**
 * Ends a credential at the first replica.
 * @param admin disables the user @param withinMs how long the store may be late; default: see `onceServed`
 * @returns why it was not ended, as a sentence; null if it was
 */
export async function endFault(
  target: Ending,
  way: WayToEnd,
  session: ClientSession,
  admin: ClientSession,
  withinMs?: number,
): Promise<string | null> {
  const by = way === 'disabling the user' ? admin : session;
  const { answer, hasEnded } = await endOnceServed(() => target.write(0, by, PATHS[way](session)), withinMs);
  // The administrator's own credential does not end: if it is refused, nothing was done.
  return (by === session ? hasEnded : answer.status === 204) ? null : `${way} returned ${answer.status}`;
}

/** @throws Error if the credential was not ended; see `endFault` */
export async function endCredential(...asked: Parameters<typeof endFault>): Promise<void> {
  const fault = await endFault(...asked);
  if (fault !== null) throw new Error(fault);
}
