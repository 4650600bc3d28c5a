/** Process entry: one shard of an open-loop run. Connects when told to prepare, runs when told to go, answers its result. */
import { createRandom } from '../stats/random.ts';
import { Connection } from './connection.ts';
import { OpenLoop, runOpenLoop } from './open.ts';
import { startAlarm } from './open-alarm.ts';
import { serveParent } from './open-child.ts';
import { toShard } from './open-messages.ts';
import { createSchedule } from './open-schedule.ts';
import type { OpenOptions } from './open-schema.ts';

const nowMicros = () => performance.now() * 1000;
const alarm = startAlarm();
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
  const startMicros = (message.startAtEpochMs - performance.timeOrigin) * 1000;
  return { type: 'result', result: await runOpenLoop(loop, { startMicros, alarm: await alarm }) };
});
