/** The bench process's side of a generator process. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Compile } from 'typebox/compile';
import { runError } from '../../core/errors.ts';
import type { Janitor } from '../processes/janitor.ts';
import type { Storm } from './clients/clients.ts';
import type { HashCost } from './clients/hashing.ts';
import {
  type ClientTarget,
  FromGenerator,
  type KeptTarget,
  type Tally,
  type Target,
  type ToGenerator,
} from './protocol.ts';

const ENTRY = fileURLToPath(new URL('./process.ts', import.meta.url));
const fromGenerator = Compile(FromGenerator);

type Question = ToGenerator extends infer M ? (M extends { id: number } ? Omit<M, 'id'> : never) : never;
type Asked<T extends Question['type']> = Omit<Extract<Question, { type: T }>, 'type'>;

/**
 * A process that comes to its turn finds the caches full of other processes' data, and what it pays for that is the
 * neighbours' doing, not its own: with turns of 10 requests a bare route cost twice its CPU time at saturation, with
 * turns of 200 the same. A turn still takes but milliseconds, so the machine's drift stays shared.
 */
export const REQUESTS_PER_TURN = 200;

export interface PairedOptions {
  /** Turns of each target. */
  readonly rounds: number;
  /** Batches of one turn; by default as many as make `REQUESTS_PER_TURN`. */
  readonly batches?: number;
  /** Requests of a batch. */
  readonly inFlight: number;
  readonly seed: number;
  /** Only these targets; null for all. */
  readonly keys: readonly string[] | null;
}

interface Waiting {
  readonly resolve: (answer: FromGenerator) => void;
  readonly reject: (error: Error) => void;
}

export class Generator {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #ended: Error | null = null;

  constructor(janitor: Janitor) {
    this.#child = fork(ENTRY, [], { detached: true, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    janitor.watch(this.#child);
    this.#child.on('message', (message: unknown) => this.#onMessage(message));
    this.#child.once('exit', (code, signal) => {
      this.fail(runError(`the load generator ended with ${signal ?? `exit code ${code}`}`, 'run it again'));
    });
    this.#child.once('error', (error) => this.fail(error));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Connects to every target of the paired load. */
  async open(targets: Target[]): Promise<void> {
    await this.#ask({ type: 'open', targets });
  }

  /** Drives every open target, or those of `keys`, with all its connections, `requests` times each at most. */
  async warmUp(requests: number, timeoutMs: number, keys: readonly string[] | null = null): Promise<void> {
    await this.#ask({ type: 'warm', requests, timeoutMs, keys: keys === null ? null : [...keys] });
  }

  /** Turns of each target in random order. A turn is of `REQUESTS_PER_TURN` requests unless `batches` says otherwise. */
  paired(options: PairedOptions): Promise<Tally[]> {
    const batches = options.batches ?? Math.max(1, Math.round(REQUESTS_PER_TURN / options.inFlight));
    return this.#tallies({
      type: 'paired',
      ...options,
      keys: options.keys === null ? null : [...options.keys],
      batches,
    });
  }

  /** Turns of new connections to each open target, each for one request. */
  connects(options: Asked<'connects'>): Promise<Tally[]> {
    return this.#tallies({ type: 'connects', ...options });
  }

  /** Who logs in, refreshes and logs out from now on. Connections are opened when they are first used. */
  async enrol(clients: ClientTarget[]): Promise<void> {
    await this.#ask({ type: 'enrol', clients });
  }

  /** Turns of one operation for each target. A login leaves a client to refresh or log out. */
  operate(options: Asked<'operate'>): Promise<Tally[]> {
    return this.#tallies({ type: 'operate', ...options });
  }

  /** As many logins as one target bears, so many at once, and a steady stream of another request beside them. */
  async storm(options: Asked<'storm'>): Promise<Storm> {
    const answer = await this.#ask({ type: 'storm', ...options });
    if (answer.type !== 'stormed')
      throw runError('the load generator told of no storm', 'this is a fault of Tollgate: report it');
    return answer;
  }

  /** @returns sums over `count` password hashes */
  async hash(options: Asked<'hash'>): Promise<HashCost> {
    const answer = await this.#ask({ type: 'hash', ...options });
    if (answer.type !== 'hashed')
      throw runError('the load generator told of no hash', 'this is a fault of Tollgate: report it');
    return answer;
  }

  closed(options: Omit<Extract<Question, { type: 'closed' }>, 'type'>): Promise<Tally> {
    return this.#one({ type: 'closed', ...options });
  }

  /** Saturation by users who spread their requests over replicas, or send different ones in turn. */
  walk(options: Omit<Extract<Question, { type: 'walk' }>, 'type'>): Promise<Tally> {
    return this.#one({ type: 'walk', ...options });
  }

  /** Connections that stay open, in the place of those that were kept before. */
  async keep(targets: KeptTarget[]): Promise<void> {
    await this.#ask({ type: 'keep', targets });
  }

  /** One request on each connection that is kept, so that no server closes one for being idle. */
  async touch(): Promise<void> {
    await this.#ask({ type: 'touch' });
  }

  /** Saturation by some of the connections that are kept. */
  visit(options: Asked<'visit'>): Promise<Tally> {
    return this.#one({ type: 'visit', ...options });
  }

  async #one(question: Question): Promise<Tally> {
    const [tally] = await this.#tallies(question);
    if (!tally) throw runError('the load generator sent no tally', 'this is a fault of Tollgate: report it');
    return tally;
  }

  /** Whatever is being waited for fails with this error: a replica died, or the user broke off. */
  fail(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  async stop(): Promise<void> {
    this.#ended ??= new Error('the generator was stopped');
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }

  async #tallies(question: Question): Promise<Tally[]> {
    const answer = await this.#ask(question);
    return answer.type === 'tallies' ? answer.tallies : [];
  }

  #ask(question: Question): Promise<FromGenerator> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ ...question, id }, () => {});
    });
  }

  #onMessage(message: unknown): void {
    if (!fromGenerator.Check(message)) {
      this.fail(
        runError('the load generator sent a message of unknown form', 'this is a fault of Tollgate: report it'),
      );
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === 'failed') {
      waiting?.reject(
        runError(`the load generator failed: ${message.message}`, 'is a replica gone or overloaded? run it again'),
      );
    } else waiting?.resolve(message);
  }
}
