/** Process entry: one shard of an open-loop run. Connects when told to prepare, runs when told to go, answers its result. */
import { createRandom } from '../stats/random.ts';
import { Connection } from './connection.ts';
import { openCpuWait } from './cpu-wait.ts';
import { OpenLoop } from './open.ts';
import { startAlarm } from './open-alarm.ts';
import { monotonicOriginMs } from './open-alarm-clock.ts';
import { serveParent } from './open-child.ts';
import { Crowd } from './open-crowd.ts';
import { runOpenLoop } from './open-drive.ts';
import { toShard } from './open-messages.ts';
import { createSchedule } from './open-schedule.ts';
import type { OpenOptions } from './open-schema.ts';

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
      if (address === undefined) throw new RangeError(`there is no target ${target}`);
      return Connection.open(address);
    },
    share: 1 / shards,
    ...(cpuWaitMicros === null ? {} : { cpuWaitMicros }),
  });
}

serveParent(async (message) => {
  if (!toShard.Check(message)) throw new TypeError('unexpected message');
  if (message.type === 'prepare') {
    loop = createLoop(message.options, message.shard, message.shards);
    await Promise.all([loop.connect(), alarm]);
    return { type: 'ready' };
  }
  if (loop === null) throw new TypeError('told to go before it was told to prepare');
  return {
    type: 'result',
    result: await runOpenLoop(loop, {
      startMicros: message.startAtMs * 1000,
      alarm: await alarm,
      crowd: new Crowd(cpuWaitMicros),
    }),
  };
});
