/** Process entry: the load of a timeline, from `start` to `finish`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { serveParent } from '../../processes/rpc.ts';
import { Connection } from '../connection/connection.ts';
import { monotonicMs } from '../open/alarm-clock.ts';
import { TimelineLoad } from './load.ts';
import { toTimeline } from './protocol.ts';

const TICK_MS = 1;
let load: TimelineLoad | null = null;
let ticking: NodeJS.Timeout | null = null;

serveParent(async (message) => {
  if (!toTimeline.Check(message)) throw new TypeError('unexpected message');
  if (message.type === 'start') {
    const open = (address: { host: string; port: number }, timeoutMs: number) => Connection.open(address, timeoutMs);
    const started = new TimelineLoad({ options: message.options, nowMs: monotonicMs, open });
    load = started;
    ticking = setInterval(() => started.tick(), TICK_MS);
    return { type: 'started', atMonotonicMs: started.startMs };
  }
  if (load === null || ticking === null) throw new TypeError('told to finish before it was told to start');
  clearInterval(ticking);
  const streams = await load.finish(sleep);
  load = null;
  return { type: 'result', streams };
});
