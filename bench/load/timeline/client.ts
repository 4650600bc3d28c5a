/** Runs a timeline's load in a separate process, which exits when its channel closes. */
import { Child } from '../../processes/child.ts';
import { DEADLINE_MS } from '../../processes/pending.ts';
import { monotonicMs } from '../open/alarm-clock.ts';
import { type StreamRecord, TIMELINE, type TimelineOptions } from './protocol.ts';

export interface RunningTimeline {
  /** Milliseconds since its start, on the clock of its records. */
  nowMs(): number;
  /** Ends the load and returns its records once every request is settled. @throws ChildError */
  finish(): Promise<readonly StreamRecord[]>;
}

export class TimelineClient {
  readonly #child = new Child(TIMELINE, {
    name: 'the timeline load generator',
    entry: new URL('./process.ts', import.meta.url),
  });

  /** One at a time. @throws ChildError if the process exits first */
  async start(options: TimelineOptions): Promise<RunningTimeline> {
    const { atMonotonicMs } = await this.#child.ask('start', options);
    const deadlineMs = options.timeoutMs + DEADLINE_MS;
    return {
      nowMs: () => monotonicMs() - atMonotonicMs,
      finish: () => this.#child.ask('finish', null, { deadlineMs }),
    };
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }
}
