/** Runs the open loop in processes of its own, so that neither the caller's work nor its garbage is in the figures. */
import { Compile } from 'typebox/compile';
import { Child } from '../../processes/child.ts';
import { DEADLINE_MS } from '../../processes/pending.ts';
import { SOONER_OPTIMISED } from '../../processes/v8-flags.ts';
import { monotonicMs } from './alarm-clock.ts';
import { SHARD } from './protocol.ts';
import { OpenOptions, type OpenResult, openFaults } from './schema.ts';
import { mergeOpenResults } from './tally.ts';

const checkOptions = Compile(OpenOptions);

/** Between the last shard being ready and the first arrival: long enough for the message to reach every shard. */
const LEAD_MS = 20;

export interface OpenGeneratorOptions {
  /**
   * How many processes share the schedule: shard k of K takes the arrivals `i ≡ k (mod K)`. Each keeps one core busy.
   * 1 when left out, which is enough for 20,000 requests a second.
   */
  readonly shards?: number;
  /**
   * A core for the first process alone: it is pinned there with `taskset`, which must be on the path, and has the highest
   * priority where the system allows that (for root, as a rule). No measured process may run there.
   */
  readonly core?: number;
}

/**
 * V8's helper threads would take a core from the measured processes. A warm process needs them very little; V8 optimises
 * sooner, so that the process is warm sooner.
 */
const NODE_FLAGS = ['--single-threaded', ...SOONER_OPTIMISED];

type Shard = Child<typeof SHARD>;

/** What V8 learned in the first run may be wrong in the second; then everything is compiled once more. */
const WARM_AFTER = { sent: 20_000, runs: 3 } as const;

/**
 * Generator processes that serve one run after another. A new process compiles its own code while it measures and sends late,
 * so keep it, and warm it up before a run that counts. See docs/method.md, "Laboratory notes".
 */
export class OpenGenerator {
  readonly #children: readonly Shard[];
  #sent = 0;
  #runs = 0;

  constructor({ shards = 1, core }: OpenGeneratorOptions = {}) {
    const entry = new URL('./process.ts', import.meta.url);
    const alone = core === undefined ? {} : { core, goesFirst: true };
    const name = 'the open-loop load generator';
    this.#children = Array.from(
      { length: shards },
      (_, shard) => new Child(SHARD, { name, entry, nodeFlags: NODE_FLAGS, ...(shard === 0 ? alone : {}) }),
    );
  }

  /** Whether the code of a request has been compiled for good. */
  get isWarm(): boolean {
    return this.#sent >= WARM_AFTER.sent && this.#runs >= WARM_AFTER.runs;
  }

  /**
   * One at a time.
   * @param onStart called before the first request is due, with that moment on the clock of `monotonicMs`
   * @throws TypeError naming every fault of the options; ChildError when a target cannot be connected to or a shard dies;
   *   the signal's reason when it is aborted: the processes are ended then
   */
  async run(options: OpenOptions, signal?: AbortSignal, onStart?: (startAtMs: number) => void): Promise<OpenResult> {
    const faults = checkOptions.Check(options)
      ? openFaults(options)
      : checkOptions.Errors(options).map(({ instancePath, message }) => `${instancePath || 'options'} ${message}`);
    if (faults.length > 0) throw new TypeError(`open loop: ${faults.join('; ')}`);
    signal?.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const result = await Promise.race([aborted, runShards(this.#children, options, onStart)]);
      this.#sent += result.scheduled - result.neverSent;
      this.#runs++;
      return result;
    } catch (error) {
      if (signal?.aborted) await this.stop();
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()));
  }
}

export interface RunOpenExtras extends OpenGeneratorOptions {
  readonly signal?: AbortSignal;
}

/** One run in processes of its own, which have ended in every case. @throws as `OpenGenerator.run` does */
export async function runOpen(options: OpenOptions, { signal, ...extras }: RunOpenExtras = {}): Promise<OpenResult> {
  const generator = new OpenGenerator(extras);
  try {
    return await generator.run(options, signal);
  } finally {
    await generator.stop();
  }
}

async function runShards(
  children: readonly Shard[],
  options: OpenOptions,
  onStart: (startAtMs: number) => void = () => {},
): Promise<OpenResult> {
  const shards = children.length;
  await Promise.all(children.map((child, shard) => child.ask('prepare', { options, shard, shards })));
  const startAtMs = monotonicMs() + LEAD_MS;
  onStart(startAtMs);
  const deadlineMs = options.warmupMs + options.durationMs + options.timeoutMs + DEADLINE_MS;
  return mergeOpenResults(await Promise.all(children.map((child) => child.ask('go', { startAtMs }, { deadlineMs }))));
}
