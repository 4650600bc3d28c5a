/**
 * Questions to a server whose store may be late. Where a busy machine stops for a second, a server that waits no longer for its
 * store answers 503. That says nothing of a credential, neither that it lives nor that it has ended, so it is asked for again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './http.ts';

const UNAVAILABLE = 503;
const WITHIN_MS = 5_000;
const EVERY_MS = 20;

/** @returns the first answer that is not 503, or the last one where none was within the time */
export async function onceServed<A extends Pick<Answer, 'status'>>(
  ask: () => Promise<A>,
  withinMs = WITHIN_MS,
): Promise<A> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer.status !== UNAVAILABLE || performance.now() > untilMs) return answer;
    await sleep(EVERY_MS);
  }
}
