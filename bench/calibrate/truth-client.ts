/** Starts a server of known truth in a process of its own, and asks it. */
import type { Address } from '../load/connection.ts';
import { Child } from '../load/open-child.ts';
import type { Kind } from './kinds/kind.ts';
import { truthAnswer, truthListening, truthReset } from './truth-messages.ts';
import type { TruthCounts } from './truth-recorder.ts';

export interface TruthServer {
  readonly pid: number;
  readonly address: Address;
  /** Begins a new period; its first `skip` requests are a warm-up. */
  reset(skip: number): Promise<void>;
  truth(): Promise<TruthCounts>;
  stop(): Promise<void>;
}

/** @throws ChildError when it cannot be started */
export async function startTruthServer(kind: Kind): Promise<TruthServer> {
  const child = Child.start(new URL('./truth-server.ts', import.meta.url));
  try {
    const { port } = await child.ask({ type: 'start', kind: kind.name }, truthListening);
    return {
      pid: child.pid,
      address: { host: '127.0.0.1', port },
      reset: async (skip) => {
        await child.ask({ type: 'reset', skip }, truthReset);
      },
      truth: async () => (await child.ask({ type: 'truth' }, truthAnswer)).counts,
      stop: () => child.stop(),
    };
  } catch (error) {
    await child.stop();
    throw error;
  }
}
