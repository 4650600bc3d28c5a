/** Process entry: the load of a timeline, from `start` to `finish`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '../../processes/rpc.ts';
import { type Address, Connection } from '../connection/connection.ts';
import { monotonicMs } from '../open/alarm-clock.ts';
import { TimelineLoad } from './load.ts';
import { TIMELINE } from './protocol.ts';

const TICK_MS = 1;
let load: TimelineLoad | null = null;
let ticking: NodeJS.Timeout | null = null;

serve(TIMELINE, {
  start(options) {
    const open = (address: Address, timeoutMs: number) => Connection.open(address, timeoutMs);
    const started = new TimelineLoad({ options, nowMs: monotonicMs, open });
    load = started;
    ticking = setInterval(() => started.tick(), TICK_MS);
    return { atMonotonicMs: started.startMs };
  },
  async finish() {
    if (load === null || ticking === null) throw new TypeError('it has not been started');
    clearInterval(ticking);
    const streams = await load.finish(sleep);
    load = null;
    return [...streams];
  },
});
