/**
 * Repeats requests to a server whose store was late. If a busy machine stalls for a second, the server gives up waiting for its
 * store and answers 503. That does not tell whether a credential is still accepted.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './http.ts';

const UNAVAILABLE = 503;
const WITHIN_MS = 5_000;
const EVERY_MS = 20;

/** @returns the first answer that is not 503, or the last one when the time is over */
export async function onceServed<A extends Pick<Answer, 'status'> | null>(
  ask: () => Promise<A>,
  withinMs = WITHIN_MS,
): Promise<A> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer?.status !== UNAVAILABLE || performance.now() > untilMs) return answer;
    await sleep(EVERY_MS);
  }
}
