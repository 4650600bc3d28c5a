/**
 * The edge in front of a replica, as a separate process: it runs the program of the replica, which becomes an edge by
 * its first message. It ends with the replica, and the replica with it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { StartError } from '../errors.ts';
import { FromReplica, type StartEdge, type Telemetry, type ToReplica } from '../messages.ts';
import { fits } from '../validate.ts';
import type { StartEdgeOf } from './serve.ts';

/** Less than the time-out of a replica's parent, so that the process which knows the cause gives up first. */
const START_TIMEOUT_MS = 15_000;
/** Likewise for replies, for which that parent waits a minute. A busy machine may delay a process by many seconds. */
const ANSWER_TIMEOUT_MS = 50_000;
/** Less than a replica's time-out for closing. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Requests to an edge, and their replies, which carry the same id. */
type Question = Extract<ToReplica, { readonly id: number }>;
type Answer = Extract<FromReplica, { readonly id: number }>;
type Answers = Map<number, (answer: Answer) => void>;

interface OwnEdgeOptions {
  /** By default, the program of the replica. */
  readonly program?: string;
  readonly answerTimeoutMs?: number;
  readonly closeTimeoutMs?: number;
}

export class OwnEdge {
  readonly #onEnd: (reason: string) => void;
  readonly #options: OwnEdgeOptions;
  readonly #answers: Answers = new Map();
  #child: ChildProcess | null = null;

  /** @param onEnd called when it exits without having been closed, so that the replica has lost its clients */
  constructor(onEnd: (reason: string) => void, options: OwnEdgeOptions = {}) {
    this.#onEnd = onEnd;
    this.#options = options;
  }

  readonly start: StartEdgeOf = async (message) => {
    const { program = process.argv[1] ?? '' } = this.#options;
    const child = fork(program, [], { serialization: 'json', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    // It exits when the channel closes, unless it is suspended.
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    const port = await this.#ready(child, message);
    this.#child = child;
    child.once('exit', (code, signal) => {
      if (this.#child === child) this.#onEnd(`The edge ended with ${signal ?? `exit code ${code}`}.`);
    });
    return { port, close: () => this.#close(child) };
  };

  /** @returns the resources of this process and its edge together; unchanged if there is no edge */
  async addTo(own: Telemetry): Promise<Telemetry> {
    const child = this.#child;
    if (child === null) return own;
    const edge = await this.#ask(child, { type: 'telemetry', id: own.id }, 'telemetry');
    const sum = { ...own };
    for (const name of SUMMED) sum[name] = own[name] + edge[name];
    if (own.loopTurns !== undefined && edge.loopTurns !== undefined) sum.loopTurns = own.loopTurns + edge.loopTurns;
    return sum;
  }

  /** Starts the profiler of the edge; does nothing without one. @throws Error if it runs already */
  async startProfile(id: number, intervalMicros: number): Promise<void> {
    if (this.#child !== null)
      await this.#ask(this.#child, { type: 'profile-start', id, intervalMicros }, 'profile-started');
  }

  /** @returns the profile of the edge; an empty object if there is no edge. @throws Error if the profiler is not running */
  async stopProfile(id: number): Promise<{ readonly edge?: unknown }> {
    if (this.#child === null) return {};
    const { profile } = await this.#ask(this.#child, { type: 'profile-stop', id }, 'profile');
    return { edge: profile };
  }

  #ready(child: ChildProcess, message: StartEdge): Promise<number> {
    return new Promise((resolve, reject) => {
      let isReady = false;
      const fail = (code: 'EDGE_ENDED' | 'START_FAILED', reason: string) => {
        clearTimeout(timer);
        if (isReady) return;
        child.kill('SIGKILL');
        reject(new StartError(code, reason));
      };
      const late = () => fail('START_FAILED', `The edge was not ready within ${START_TIMEOUT_MS / 1000} s.`);
      const timer = setTimeout(() => setImmediate(late), START_TIMEOUT_MS);
      child.on('message', (answer: unknown) => {
        if (!fits(FromReplica, answer)) return;
        if ('id' in answer) this.#answers.get(answer.id)?.(answer);
        if (answer.type === 'failed') fail('START_FAILED', `The edge cannot start: ${answer.message}`);
        if (answer.type !== 'ready') return;
        clearTimeout(timer);
        isReady = true;
        resolve(answer.port);
      });
      child.once('error', ({ message: reason }) => fail('START_FAILED', `The edge cannot start: ${reason}`));
      child.once('exit', (code, signal) => fail('EDGE_ENDED', `The edge ended with ${signal ?? `exit code ${code}`}.`));
      send(child, message);
    });
  }

  /** @param type the expected reply */
  async #ask<T extends Answer['type']>(
    child: ChildProcess,
    question: Question,
    type: T,
  ): Promise<Extract<Answer, { readonly type: T }>> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const { answerTimeoutMs = ANSWER_TIMEOUT_MS } = this.#options;
    const late = () => reject(new Error(`The edge did not answer within ${answerTimeoutMs / 1000} s.`));
    // If this process stalled for that long, the reply may have arrived unread: it is read before that.
    const timer = setTimeout(() => setImmediate(late), answerTimeoutMs);
    this.#answers.set(question.id, resolve);
    send(child, question);
    try {
      const answer = await promise;
      if (answer.type === type) return answer as Extract<Answer, { readonly type: T }>; // that has just been checked
      throw new Error(answer.type === 'profile-failed' ? answer.message : `The edge answered with ${answer.type}.`);
    } finally {
      clearTimeout(timer);
      this.#answers.delete(question.id);
    }
  }

  async #close(child: ChildProcess): Promise<void> {
    this.#child = null;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    send(child, { type: 'stop' });
    const { closeTimeoutMs = CLOSE_TIMEOUT_MS } = this.#options;
    const timer = setTimeout(() => child.kill('SIGKILL'), closeTimeoutMs);
    await gone;
    clearTimeout(timer);
  }
}

const SUMMED = [
  'rssBytes',
  'heapUsedBytes',
  'eventLoopActiveMs',
  'eventLoopIdleMs',
  'gcCount',
  'gcMs',
  'cpuUserUs',
  'cpuSystemUs',
] as const;

function send(child: ChildProcess, message: ToReplica): void {
  // A dead child's channel is closed; its exit is reported by the exit event.
  child.send(message, () => {});
}
