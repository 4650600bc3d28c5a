/**
 * The paired load as a library: what a request costs two or more servers of this machine, measured in turns of milliseconds,
 * so that the drift of the machine cancels in their ratio. docs/method.md explains it.
 */

import { hostOf } from '../bench/load/connection/authority.ts';
import { startGenerator } from '../bench/load/generator.ts';
import type { PreparedRequest } from '../bench/load/protocol.ts';
import type { Tally } from '../bench/load/replies.ts';
import { Janitor } from '../bench/processes/janitor.ts';
import { OPTIMISED_REQUESTS } from '../bench/processes/v8-flags.ts';
import { thenEnding, UsageError } from '../core/errors.ts';
import { isLoopback } from '../target/owner/hosts.ts';

export type { PreparedRequest, Tally };

/** One server, or all replicas of one. */
export interface Side {
  readonly name: string;
  /** URLs of its replicas, such as `http://127.0.0.1:3000`. Connection i goes to replica i mod N. */
  readonly urls: readonly string[];
  /** Processes whose CPU time counts as the server's; empty if it cannot be read. */
  readonly pids: readonly number[];
  /**
   * Each request is repeated on its own connection. There should be at least `inFlight`; otherwise some are used on
   * several connections.
   */
  readonly requests: readonly PreparedRequest[];
}

export interface PairedOptions {
  /** Number of load periods, each of which is one sample (default: 12). */
  readonly blocks?: number;
  /** Rounds per block. In each, every side has a short and a long turn, in random order (default: 4). */
  readonly rounds?: number;
  /** Concurrent requests of one side (default: 10). */
  readonly inFlight?: number;
  /** The maximum warm-up of all sides together, in seconds; 0 for none (default: 30). */
  readonly warmUpSeconds?: number;
  /** Seed for the order of the turns (default: 1). */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

export interface PairedSide {
  readonly name: string;
  /** The replies of each block. */
  readonly blocks: readonly Tally[];
  /** CPU time per request in each block, in µs; null if it could not be read. */
  readonly cpuMicros: readonly (number | null)[];
}

/**
 * Takes about half a minute for two sides. The generator is a separate process, which has ended when it returns or
 * throws.
 * @returns one for each side, in their order, over the same rounds: block i of one belongs with block i of the other
 * @throws UsageError with every fault of what is asked; ChildError when a server cannot be reached; the signal's reason
 */
export async function pairedLoad(sides: readonly Side[], options: PairedOptions = {}): Promise<readonly PairedSide[]> {
  const { blocks = 12, rounds = 4, inFlight = 10, warmUpSeconds = 30, seed = 1, signal } = options;
  const faults = faultsOf(sides, { blocks, rounds, inFlight });
  if (faults.length > 0) throw new UsageError(faults, 'correct the arguments of pairedLoad');
  signal?.throwIfAborted();
  const janitor = await Janitor.start();
  const generator = startGenerator(janitor);
  const onAbort = () => generator.fail(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
  signal?.addEventListener('abort', onAbort, { once: true });
  return thenEnding(
    async () => {
      await generator.ask(
        'open',
        sides.map((side) => targetOf(side, inFlight)),
      );
      if (warmUpSeconds > 0) {
        const timeoutMs = 1000 * warmUpSeconds;
        const { byDefault } = OPTIMISED_REQUESTS;
        await generator.ask('warmUp', { keys: null, timeoutMs, atLeast: byDefault / 10, atMost: 2 * byDefault });
      }
      const taken: Tally[][] = [];
      for (let block = 0; block < blocks; block++)
        taken.push(await generator.ask('paired', { rounds, inFlight, seed: seed + block, keys: null }));
      return sides.map(({ name }, i) => {
        const own = taken.flatMap((tallies) => tallies[i] ?? []);
        return { name, blocks: own, cpuMicros: own.map(cpuMicrosOf) };
      });
    },
    () => signal?.removeEventListener('abort', onAbort),
    () => generator.stop(),
    () => janitor.finish(),
  );
}

function cpuMicrosOf({ replicaCpuNs, requests }: Tally): number | null {
  if (replicaCpuNs === null || replicaCpuNs.length === 0 || requests === 0) return null;
  return replicaCpuNs.reduce((sum, ns) => sum + ns, 0) / requests / 1000;
}

type Counts = Required<Pick<PairedOptions, 'blocks' | 'rounds' | 'inFlight'>>;

function faultsOf(sides: readonly Side[], counts: Counts): string[] {
  const faults = Object.entries(counts).flatMap(([name, count]) =>
    Number.isInteger(count) && count > 0 ? [] : [`${name} is ${count}: give a whole number above 0`],
  );
  if (sides.length === 0) faults.push('there is no side to load');
  if (new Set(sides.map(({ name }) => name)).size < sides.length) faults.push('two sides have the same name');
  for (const { name, urls, requests } of sides) {
    if (requests.length === 0) faults.push(`${name} has no request`);
    if (urls.length === 0) faults.push(`${name} has no URL`);
    for (const url of urls) {
      if (!URL.canParse(url) || new URL(url).protocol !== 'http:') faults.push(`${name}: ${url} is not an http URL`);
      else if (!isLoopback(new URL(url).hostname)) faults.push(`${name}: ${url} is not on this machine`);
    }
  }
  return faults;
}

function targetOf({ name, urls, pids, requests }: Side, inFlight: number) {
  const connections = Math.max(inFlight, requests.length);
  return {
    key: name,
    addresses: urls.map((text) => {
      const url = new URL(text);
      return { host: hostOf(url), port: Number(url.port || 80) };
    }),
    requests: Array.from({ length: connections }, (_, i) => requests[i % requests.length]).flatMap(
      (each) => each ?? [],
    ),
    processes: { replicas: [...pids], redis: null },
  };
}
