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

/** Less than the parent of a replica waits for it, so that the process which knows the cause gives up first. */
const START_TIMEOUT_MS = 15_000;
const ANSWER_TIMEOUT_MS = 5_000;

type Answers = Map<number, (telemetry: Telemetry) => void>;

export class OwnEdge {
  readonly #onEnd: (reason: string) => void;
  readonly #answers: Answers = new Map();
  #child: ChildProcess | null = null;

  /** @param onEnd called when it ends without having been closed, and the replica so has no clients any more */
  constructor(onEnd: (reason: string) => void) {
    this.#onEnd = onEnd;
  }

  readonly start: StartEdgeOf = async (message) => {
    const [, program = ''] = process.argv;
    const child = fork(program, [], { serialization: 'json', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const port = await this.#ready(child, message);
    this.#child = child;
    child.once('exit', (code, signal) => {
      if (this.#child === child) this.#onEnd(`The edge ended with ${signal ?? `exit code ${code}`}.`);
    });
    return { port, close: () => this.#close(child) };
  };

  /** @returns what this process and its edge take together; the same where there is no edge */
  async addTo(own: Telemetry): Promise<Telemetry> {
    const child = this.#child;
    if (child === null) return own;
    const edge = await this.#ask(child, own.id);
    const sum = { ...own };
    for (const name of SUMMED) sum[name] = own[name] + edge[name];
    if (own.loopTurns !== undefined && edge.loopTurns !== undefined) sum.loopTurns = own.loopTurns + edge.loopTurns;
    return sum;
  }

  #ready(child: ChildProcess, message: StartEdge): Promise<number> {
    return new Promise((resolve, reject) => {
      const fail = (code: 'EDGE_ENDED' | 'START_FAILED', reason: string) => {
        clearTimeout(timer);
        child.kill('SIGKILL');
        reject(new StartError(code, reason));
      };
      const timer = setTimeout(
        () => fail('START_FAILED', `The edge was not ready within ${START_TIMEOUT_MS / 1000} s.`),
        START_TIMEOUT_MS,
      );
      child.on('message', (answer: unknown) => {
        if (!fits(FromReplica, answer)) return;
        if (answer.type === 'telemetry') this.#answers.get(answer.id)?.(answer);
        if (answer.type === 'failed') fail('START_FAILED', `The edge cannot start: ${answer.message}`);
        if (answer.type !== 'ready') return;
        clearTimeout(timer);
        resolve(answer.port);
      });
      child.once('error', ({ message: reason }) => fail('START_FAILED', `The edge cannot start: ${reason}`));
      child.once('exit', (code, signal) => fail('EDGE_ENDED', `The edge ended with ${signal ?? `exit code ${code}`}.`));
      send(child, message);
    });
  }

  #ask(child: ChildProcess, id: number): Promise<Telemetry> {
    const { promise, resolve, reject } = Promise.withResolvers<Telemetry>();
    const timer = setTimeout(() => reject(new Error('The edge does not answer.')), ANSWER_TIMEOUT_MS);
    this.#answers.set(id, resolve);
    send(child, { type: 'telemetry', id });
    return promise.finally(() => {
      clearTimeout(timer);
      this.#answers.delete(id);
    });
  }

  async #close(child: ChildProcess): Promise<void> {
    this.#child = null;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    send(child, { type: 'stop' });
    await gone;
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
