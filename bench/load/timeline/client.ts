/** Runs a timeline's load in a process of its own, which ends with the channel to it. */

import { Child } from '../../processes/rpc.ts';
import { monotonicMs } from '../open/alarm-clock.ts';
import { type StreamRecord, type TimelineOptions, timelineResult, timelineStarted } from './protocol.ts';

export interface RunningTimeline {
  /** Milliseconds since its start, on the clock of its records. */
  nowMs(): number;
  /** Ends the load and gives its records once every request is settled. @throws ChildError */
  finish(): Promise<readonly StreamRecord[]>;
}

export class TimelineClient {
  readonly #child = Child.start(new URL('./process.ts', import.meta.url));

  /** One at a time. @throws ChildError when the process ends first */
  async start(options: TimelineOptions): Promise<RunningTimeline> {
    const { atMonotonicMs } = await this.#child.ask({ type: 'start', options }, timelineStarted);
    return {
      nowMs: () => monotonicMs() - atMonotonicMs,
      finish: async () => (await this.#child.ask({ type: 'finish' }, timelineResult)).streams,
    };
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }
}
