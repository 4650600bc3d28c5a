/** A balancer between load generators and the replicas of one fleet: one or more processes that share a port. */
import { afterEnding, environmentError } from '../../../core/errors.ts';
import { stopInOrder } from '../../../core/stop-in-order.ts';
import type { Address } from '../../load/connection/connection.ts';
import { Child, type ChildOptions } from '../../processes/child.ts';
import { FIXED_YOUNG_GENERATION, SOONER_OPTIMISED } from '../../processes/v8-flags.ts';
import type { Choice } from './choice.ts';
import { BALANCER } from './protocol.ts';

export interface FleetBalancer {
  /** The address for clients. */
  readonly address: Address;
  /** Its processes, each with its own address. */
  readonly processes: readonly { readonly pid: number; readonly address: Address }[];
  /** Forwards all further requests to these replicas only, given by index. */
  use(replicas: readonly number[]): Promise<void>;
  stop(): Promise<void>;
}

export interface BalancerOptions {
  /** Its name in errors: `the balancer on lb-1`. */
  readonly name: string;
  /** Starts one of its processes with these flags of Node. */
  readonly launch: (nodeFlags: readonly string[]) => Promise<ChildOptions['entry']>;
  readonly processes: number;
  readonly choice: Choice;
  /** The address to listen at. */
  readonly host: string;
  /** 0 lets the kernel choose. */
  readonly port: number;
  readonly upstreams: readonly Address[];
  /** Called once when one of its processes exits without having been stopped. */
  readonly onDeath: (error: Error) => void;
}

/** Optimised as early as the replicas of `scale`, so that it is warm when they are. */
const BALANCER_FLAGS = [...FIXED_YOUNG_GENERATION, ...SOONER_OPTIMISED];

/** @throws TollgateError if it cannot be started; nothing of it is then running */
export async function startBalancer(options: BalancerOptions): Promise<FleetBalancer> {
  const { name, launch, processes, choice, host, onDeath } = options;
  const upstreams = options.upstreams.map((upstream) => ({ host: upstream.host, port: upstream.port }));
  const children: Child<typeof BALANCER>[] = [];
  const stop = () => stopInOrder([children]);
  const started: { pid: number; address: Address }[] = [];
  let port = options.port;
  try {
    // One after another: the first one gets the port.
    for (let index = 0; index < processes; index++) {
      const child = new Child(BALANCER, {
        name,
        entry: await launch(BALANCER_FLAGS),
        hint: 'what was measured so far is kept; continue with --resume',
        onDeath,
      });
      children.push(child);
      const ports = await child.ask('start', { host, port, index, upstreams, choice }).catch((error: unknown) => {
        throw isAddressInUse(error) ? portInUseError(name, host, port) : error;
      });
      port = ports.port;
      started.push({ pid: child.pid, address: { host, port: ports.ownPort } });
    }
  } catch (error) {
    throw await afterEnding(error, stop);
  }
  return {
    address: { host, port },
    processes: started,
    use: async (replicas) => {
      await Promise.all(children.map((child) => child.ask('use', { upstreams: replicas })));
    },
    stop,
  };
}

export const isAddressInUse = (error: unknown) => error instanceof Error && error.message.includes('EADDRINUSE');

export function portInUseError(name: string, host: string, port: number) {
  return environmentError(
    `${name} cannot listen on port ${port} of ${host}: it is in use`,
    'set another port in "balancer" of hosts.json, or omit it to use any free one',
  );
}
