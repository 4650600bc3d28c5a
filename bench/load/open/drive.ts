/** Runs an open loop: sleeps, polls, and ticks it when something is due. */

import type { Alarm } from './alarm.ts';
import type { Crowd } from './crowd.ts';
import type { OpenLoop } from './open.ts';
import type { OpenResult } from './schema.ts';

/** Shorter waits are polled: waking up would take as long. */
const SHORTEST_SLEEP_MICROS = 600;
/** The alarm is set this much early, and the rest is polled, so its delay does not matter. */
const EARLY_MICROS = 300;
/** A lost connection is reopened at a tick, so there is one at least this often. */
const LONGEST_SLEEP_MICROS = 20_000;

export interface Drive {
  /** The start, on the clock of the loop. */
  readonly startMicros: number;
  /** Used for longer waits; without it they are polled, which keeps one core busy. */
  readonly alarm?: Pick<Alarm, 'set'>;
  /** Whether longer waits may be polled too; without it, a response wakes the loop up. */
  readonly crowd?: Pick<Crowd, 'mayPoll'>;
  readonly signal?: AbortSignal;
}

/**
 * Runs a loop to its end. It polls with `setImmediate` when the next request is near, since a timer's millisecond is
 * too coarse. On its own core it polls through longer waits too, so reserve one: a process that sleeps loses its core
 * to others and wakes up late. On a contended core it sleeps as long as it can. @throws the signal's reason if it is
 * aborted; the connections are closed either way
 */
export function runOpenLoop(loop: OpenLoop, { startMicros, alarm, crowd, signal }: Drive): Promise<OpenResult> {
  return new Promise<OpenResult>((resolve, reject) => {
    const step = () => {
      try {
        signal?.throwIfAborted();
        if (loop.tick()) {
          resolve(loop.result());
          return;
        }
        const sleepMicros = Math.min(loop.restMicros(), LONGEST_SLEEP_MICROS);
        const polls = sleepMicros < SHORTEST_SLEEP_MICROS || crowd?.mayPoll(loop.nowMicros());
        if (alarm === undefined || polls) setImmediate(step);
        else alarm.set(sleepMicros - EARLY_MICROS, step);
      } catch (error) {
        reject(error);
      }
    };
    loop.start(startMicros);
    step();
  }).finally(() => loop.close());
}
