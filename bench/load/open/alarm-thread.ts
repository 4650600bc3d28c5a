/** Thread entry: sleeps until the time that the alarm was set to, and rings. */
import { parentPort, workerData } from 'node:worker_threads';
import { MOMENT_INDEX, monotonicMs, SEQUENCE_INDEX, STILL_INDEX } from './alarm-clock.ts';

const shared: SharedArrayBuffer = workerData;
const moment = new Float64Array(shared);
const words = new Int32Array(shared);

for (let seen = 0; ; ) {
  Atomics.wait(words, SEQUENCE_INDEX, seen);
  seen = Atomics.load(words, SEQUENCE_INDEX);
  const restMs = (moment[MOMENT_INDEX] ?? 0) - monotonicMs();
  if (restMs > 0) Atomics.wait(words, STILL_INDEX, 0, restMs);
  parentPort?.postMessage(0);
}
