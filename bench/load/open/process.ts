/** Process entry: one shard of an open-loop run. It connects, then runs and replies with its result. */
import { createRandom } from '../../../core/stats/random.ts';
import { serve } from '../../processes/rpc.ts';
import { openCpuWait } from '../../processes/threads/cpu-wait.ts';
import { Connection } from '../connection/connection.ts';
import { startAlarm } from './alarm.ts';
import { monotonicOriginMs } from './alarm-clock.ts';
import { Crowd } from './crowd.ts';
import { runOpenLoop } from './drive.ts';
import { OpenLoop } from './open.ts';
import { SHARD } from './protocol.ts';
import { createSchedule } from './schedule.ts';
import type { OpenOptions } from './schema.ts';

/** On the clock that all processes share, read in the way that leaves the least garbage. */
const originMicros = monotonicOriginMs() * 1000;
const nowMicros = () => originMicros + performance.now() * 1000;
const alarm = startAlarm();
const cpuWaitMicros = openCpuWait();
let loop: OpenLoop | null = null;

function createLoop(options: OpenOptions, shard: number, shards: number): OpenLoop {
  const totalMs = options.warmupMs + options.durationMs;
  return new OpenLoop({
    options,
    nextArrival: createSchedule({ ...options, totalMs, random: createRandom(options.seed), shard, shards }),
    nowMicros,
    open: (target) => {
      const address = options.targets[target];
      if (address === undefined) throw new RangeError(`unknown target ${target}`);
      return Connection.open(address);
    },
    share: 1 / shards,
    ...(cpuWaitMicros === null ? {} : { cpuWaitMicros }),
  });
}

serve(SHARD, {
  async prepare({ options, shard, shards }) {
    loop = createLoop(options, shard, shards);
    await Promise.all([loop.connect(), alarm]);
    return null;
  },
  async go({ startAtMs }) {
    if (loop === null) throw new TypeError('it has not been prepared');
    return runOpenLoop(loop, {
      startMicros: startAtMs * 1000,
      alarm: await alarm,
      crowd: new Crowd(cpuWaitMicros),
    });
  },
});
