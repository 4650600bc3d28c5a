/** Process entry of a load generator. */
import { createRandom } from '../../core/stats/random.ts';
import { serve } from '../processes/rpc.ts';
import { Clients } from './clients/clients.ts';
import { hashCost } from './clients/hashing.ts';
import { closedSlice } from './closed/closed.ts';
import { walkSlice } from './closed/walk.ts';
import { PairedLoad } from './paired/paired.ts';
import { ConnectionPools } from './pool/pool.ts';
import { LOAD } from './protocol.ts';
import { warmUp } from './warm-up/warm-up.ts';

let paired: PairedLoad | null = null;
let clients: Clients | null = null;
let pools: ConnectionPools | null = null;

/** @throws Error if it has not been opened before */
function opened<T>(load: T | null, what: string): T {
  if (load === null) throw new Error(`${what} first`);
  return load;
}

const openTargets = () => opened(paired, 'open targets');
const registered = () => opened(clients, 'register clients');
const openPools = () => opened(pools, 'open pools');

serve(LOAD, {
  async open(targets) {
    paired?.close();
    paired = await PairedLoad.open(targets);
    return null;
  },
  warmUp: (options) => warmUp(openTargets().chosen(options.keys), options),
  paired: (options) => openTargets().block(options, createRandom(options.seed)),
  connect: (options) => openTargets().connect(options, createRandom(options.seed)),
  register(targets) {
    clients?.close();
    clients = new Clients(targets);
    return null;
  },
  operate: (options) => registered().operate(options, createRandom(options.seed)),
  storm: (options) => registered().storm(options),
  hash: ({ memoryKiB, passes, count }) => hashCost(memoryKiB, passes, count),
  closed: ({ target, ...options }) => closedSlice(target, options),
  walk: ({ target, ...options }) => walkSlice(target, options),
  async openPools(targets) {
    await pools?.close();
    pools = null;
    pools = await ConnectionPools.open(targets);
    return null;
  },
  async keepAlive() {
    await openPools().keepAlive();
    return null;
  },
  runPool: ({ key, ...options }) => openPools().run(key, options),
});
