/** Runs the open loop in processes of its own, so that neither the caller's work nor its garbage is in the figures. */
import { Compile } from 'typebox/compile';
import { monotonicMs } from './open-alarm-clock.ts';
import { Child } from './open-child.ts';
import { shardReady, shardResult } from './open-messages.ts';
import { OpenOptions, type OpenResult, openFaults } from './open-schema.ts';
import { mergeOpenResults } from './open-tally.ts';

const checkOptions = Compile(OpenOptions);

/** Between the last shard being ready and the first arrival: long enough for the word to reach every shard. */
const LEAD_MS = 20;

export interface RunOpenExtras {
  readonly signal?: AbortSignal;
  /**
   * How many processes share the schedule: shard k of K takes the arrivals `i ≡ k (mod K)`. Each keeps one core busy.
   * 1 when left out, which is enough for 20,000 requests a second.
   */
  readonly shards?: number;
}

/**
 * @throws TypeError naming every fault of the options; ChildError when a target cannot be connected to or a shard dies;
 *   the signal's reason when it is aborted. No process is left behind in any case.
 */
export async function runOpen(options: OpenOptions, { signal, shards = 1 }: RunOpenExtras = {}): Promise<OpenResult> {
  const faults = checkOptions.Check(options)
    ? openFaults(options)
    : checkOptions.Errors(options).map(({ instancePath, message }) => `${instancePath || 'options'} ${message}`);
  if (faults.length > 0) throw new TypeError(`open loop: ${faults.join('; ')}`);
  signal?.throwIfAborted();
  const children = Array.from({ length: shards }, () => Child.start(new URL('./open-process.ts', import.meta.url)));
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([aborted, runShards(children, options)]);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await Promise.all(children.map((child) => child.stop()));
  }
}

async function runShards(children: readonly Child[], options: OpenOptions): Promise<OpenResult> {
  const shards = children.length;
  await Promise.all(children.map((child, shard) => child.ask({ type: 'prepare', options, shard, shards }, shardReady)));
  const startAtMs = monotonicMs() + LEAD_MS;
  const answers = await Promise.all(children.map((child) => child.ask({ type: 'go', startAtMs }, shardResult)));
  return mergeOpenResults(answers.map(({ result }) => result));
}
