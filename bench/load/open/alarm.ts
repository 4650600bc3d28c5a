/**
 * Wakes the event loop at a given time, to a fraction of a millisecond. Node's timers have whole milliseconds only,
 * and constant polling uses the most CPU time on a small machine, so that its scheduler puts the generator last. So a
 * thread sleeps instead (a futex wait has the kernel's high-resolution timer) and posts a message.
 */
import { Worker } from 'node:worker_threads';
import { ALARM_BYTES, MOMENT_INDEX, monotonicMs, SEQUENCE_INDEX } from './alarm-clock.ts';

export interface Alarm {
  /** Rings once, `inMicros` from now or a little later. Setting it again while it is set is not allowed. */
  set(inMicros: number, ring: () => void): void;
  stop(): Promise<void>;
}

export async function startAlarm(): Promise<Alarm> {
  const shared = new SharedArrayBuffer(ALARM_BYTES);
  const moment = new Float64Array(shared);
  const sequence = new Int32Array(shared);
  const worker = new Worker(new URL('./alarm-thread.ts', import.meta.url), { workerData: shared });
  let onRing: (() => void) | null = null;
  worker.on('message', () => {
    const ring = onRing;
    onRing = null;
    ring?.();
  });
  await new Promise<void>((resolve, reject) => {
    worker.once('online', resolve);
    worker.once('error', reject);
  });
  return {
    set(inMicros, ring) {
      if (onRing !== null) throw new Error('the alarm is set already');
      onRing = ring;
      moment[MOMENT_INDEX] = monotonicMs() + inMicros / 1000;
      Atomics.add(sequence, SEQUENCE_INDEX, 1);
      Atomics.notify(sequence, SEQUENCE_INDEX);
    },
    async stop() {
      await worker.terminate();
    },
  };
}
