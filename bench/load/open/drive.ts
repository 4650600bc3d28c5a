/** Drives an open loop: sleeps, polls, and ticks it when something is due. */

import type { Alarm } from './alarm.ts';
import type { Crowd } from './crowd.ts';
import type { OpenLoop } from './open.ts';
import type { OpenResult } from './schema.ts';

/** Shorter waits than this are polled through: waking up would take as long. */
const SHORTEST_SLEEP_MICROS = 600;
/** The alarm is set this much before the moment, and what is left is polled through: so its delay does no harm. */
const EARLY_MICROS = 300;
/** A lost connection is opened again at a tick: so there is one at least this often. */
const LONGEST_SLEEP_MICROS = 20_000;

export interface Drive {
  /** The start, on the clock of the loop. */
  readonly startMicros: number;
  /** Sleeps through the longer waits; without it they are polled through, which keeps one core busy. */
  readonly alarm?: Pick<Alarm, 'set'>;
  /** Whether it may poll through longer waits too; without it, an answer wakes the loop up. */
  readonly crowd?: Pick<Crowd, 'mayPoll'>;
  readonly signal?: AbortSignal;
}

/**
 * Drives a loop to its end. It polls with `setImmediate` when the next request is near, since a timer's millisecond is
 * too coarse for a pace. It also polls through longer waits on a core of its own, so leave it one: a process that
 * sleeps loses the core to others and wakes up late. On a contended core it sleeps as long as it can.
 * @throws the signal's reason when it is aborted; the connections are closed either way
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
