/**
 * Runs the open loop in separate processes, so that neither the caller's work nor its garbage collection affects the
 * figures.
 */

import { Compile } from 'typebox/schema';
import { afterEnding } from '../../../core/errors.ts';
import { stopInOrder } from '../../../core/stop-in-order.ts';
import { Child } from '../../processes/child.ts';
import { DEADLINE_MS } from '../../processes/pending.ts';
import type { ProcessHandle } from '../../processes/rpc.ts';
import { SOONER_OPTIMISED } from '../../processes/v8-flags.ts';
import { monotonicMs } from './alarm-clock.ts';
import { SHARD } from './protocol.ts';
import { OpenOptions, type OpenResult, openFaults } from './schema.ts';
import { mergeOpenResults } from './tally.ts';

const checkOptions = Compile(OpenOptions);

/** Time from the last shard being ready to the first arrival: long enough for the message to reach every shard. */
const LEAD_MS = { here: 20, elsewhere: 200 } as const;

export interface OpenGeneratorOptions {
  /**
   * The number of processes that share the schedule: shard k of K takes the arrivals `i ≡ k (mod K)`. Each keeps one
   * core busy. Default 1, which is enough for 20,000 requests a second.
   */
  readonly shards?: number;
  /**
   * A core reserved for the first process: it is pinned there with `taskset`, which must be on the path, and has the
   * highest priority if the system allows that (usually for root). No measured process may run there.
   */
  readonly core?: number;
}

/** A process of the open loop that was started on another host, with the flags of `OPEN_LOOP_FLAGS`. */
export interface OpenPlace {
  readonly name: string;
  readonly process: ProcessHandle;
  /** Converts from the clock of `monotonicMs` here to that of the host. */
  readonly toItsClock: (ms: number) => number;
}

/**
 * V8's helper threads would take a core from the measured processes. A warm process needs them very little; V8 optimises
 * sooner, so that the process is warm sooner.
 */
export const OPEN_LOOP_FLAGS = ['--single-threaded', ...SOONER_OPTIMISED];

interface Shard {
  readonly child: Child<typeof SHARD>;
  readonly toItsClock: (ms: number) => number;
}

/** V8's assumptions from the first run may be wrong in the second; then everything is compiled once more. */
const WARM_AFTER = { sent: 20_000, runs: 3 } as const;

/**
 * Generator processes that serve one run after another. A new process compiles its own code while it measures and sends late,
 * so keep it, and warm it up before a run that counts. See docs/method.md, "Laboratory notes".
 */
export class OpenGenerator {
  readonly #shards: readonly Shard[];
  readonly #leadMs: number;
  #sent = 0;
  #runs = 0;

  /** @param where the number of processes to start here, or those started on other hosts */
  constructor(where: OpenGeneratorOptions | readonly OpenPlace[] = {}) {
    this.#leadMs = 'length' in where ? LEAD_MS.elsewhere : LEAD_MS.here;
    this.#shards = 'length' in where ? where.map(shardAt) : shardsHere(where);
  }

  /** Whether the code of a request has reached its final compilation. */
  get isWarm(): boolean {
    return this.#sent >= WARM_AFTER.sent && this.#runs >= WARM_AFTER.runs;
  }

  /**
   * One at a time. @param onStart called before the first request is due, with that time on the clock of
   * `monotonicMs` @throws TypeError listing every fault of the options; ChildError if a target cannot be connected to
   * or a shard dies; the signal's reason if it is aborted, in which case the processes are ended
   */
  async run(options: OpenOptions, signal?: AbortSignal, onStart?: (startAtMs: number) => void): Promise<OpenResult> {
    const faults = checkOptions.Check(options)
      ? openFaults(options)
      : checkOptions.Errors(options)[1].map(({ instancePath, message }) => `${instancePath || 'options'} ${message}`);
    if (faults.length > 0) throw new TypeError(`open loop: ${faults.join('; ')}`);
    signal?.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const result = await Promise.race([aborted, runShards(this.#shards, this.#leadMs, options, onStart)]);
      this.#sent += result.scheduled - result.neverSent;
      this.#runs++;
      return result;
    } catch (error) {
      throw signal?.aborted ? await afterEnding(error, () => this.stop()) : error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async stop(): Promise<void> {
    await stopInOrder([this.#shards.map(({ child }) => child)]);
  }
}

function shardsHere({ shards = 1, core }: OpenGeneratorOptions): Shard[] {
  const entry = new URL('./process.ts', import.meta.url);
  const alone = core === undefined ? {} : { core, goesFirst: true };
  const name = 'the open-loop load generator';
  return Array.from({ length: shards }, (_, shard) => ({
    child: new Child(SHARD, { name, entry, nodeFlags: OPEN_LOOP_FLAGS, ...(shard === 0 ? alone : {}) }),
    toItsClock: (ms) => ms,
  }));
}

function shardAt({ name, process, toItsClock }: OpenPlace): Shard {
  return { child: new Child(SHARD, { name, entry: process }), toItsClock };
}

async function runShards(
  all: readonly Shard[],
  leadMs: number,
  options: OpenOptions,
  onStart: (startAtMs: number) => void = () => {},
): Promise<OpenResult> {
  const shards = all.length;
  await Promise.all(all.map(({ child }, shard) => child.ask('prepare', { options, shard, shards })));
  const atMs = monotonicMs() + leadMs;
  onStart(atMs);
  const deadlineMs = options.warmupMs + options.durationMs + options.timeoutMs + DEADLINE_MS;
  return mergeOpenResults(
    await Promise.all(
      all.map(({ child, toItsClock }) => child.ask('go', { startAtMs: toItsClock(atMs) }, { deadlineMs })),
    ),
  );
}
