/** Starts a server of known behaviour in a separate process, and queries it. */

import { afterEnding } from '../../../core/errors.ts';
import { LatencyHistogram } from '../../../core/results/histogram.ts';
import type { Address } from '../../load/connection/connection.ts';
import { Child } from '../../processes/child.ts';
import type { Kind } from '../kinds/kind.ts';
import { type Schedule, TRUTH, type TruthCounts, type Watch, type Window } from './protocol.ts';

export interface TruthServer {
  readonly pid: number;
  readonly address: Address;
  /** Begins a new period; its first `skip` requests are a warm-up. */
  reset(skip: number, watch: Watch): Promise<void>;
  /** @param of with a window, counts responses within it; with a schedule, how long its requests waited */
  truth(of?: { readonly window?: Window; readonly schedule?: Schedule }): Promise<TruthCounts>;
  /**
   * The median round trip in µs from this server's process to `echo`, without the time that `echo` takes by its own
   * clock. Every client measures this in addition to a server's own time.
   */
  loopbackMicros(echo: TruthServer): Promise<number>;
  stop(): Promise<void>;
}

/** V8's helper threads would use CPU time that was not injected. */
const ONE_THREAD = ['--single-threaded'];

/** @param core to pin it to @throws ChildError if it cannot be started */
export async function startTruthServer(kind: Kind, core?: number): Promise<TruthServer> {
  const pin = core === undefined ? {} : { core };
  const entry = new URL('./server.ts', import.meta.url);
  const child = new Child(TRUTH, { name: 'the server of known truth', entry, nodeFlags: ONE_THREAD, ...pin });
  try {
    const { port } = await child.ask('start', { kind: kind.name });
    return {
      pid: child.pid,
      address: { host: '127.0.0.1', port },
      reset: async (skip, watch) => {
        await child.ask('reset', { skip, watch });
      },
      truth: ({ window = null, schedule = null } = {}) => child.ask('truth', { window, schedule }),
      loopbackMicros: async (echo) => {
        await echo.reset(0, 'polling');
        const { medianMicros } = await child.ask('ping', { port: echo.address.port });
        const { service } = await echo.truth();
        await echo.reset(0, 'asleep'); // otherwise it would keep polling on a core that others are measured on
        return Math.max(0, medianMicros - LatencyHistogram.decode(service).percentile(50));
      },
      stop: () => child.stop(),
    };
  } catch (error) {
    throw await afterEnding(error, () => child.stop());
  }
}
