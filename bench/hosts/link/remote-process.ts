/** A process on another host, with the interface of a local one. */
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Child } from '../../processes/child.ts';
import type { ProcessHandle } from '../../processes/rpc.ts';
import type { AGENT, ProcessNote, Program } from '../agent/protocol.ts';

/** Longer than any run: the reply to `run` comes when the process exits. Timers accept at most 2^31 ms. */
const FOR_EVER_MS = 2_000_000_000;

export interface RemoteStart {
  readonly agent: Child<typeof AGENT>;
  /** The number that this run assigned to the process, outside the range of local pids. */
  readonly pid: number;
  readonly program: Program;
  readonly nodeFlags: readonly string[];
}

export class RemoteProcess extends EventEmitter implements ProcessHandle {
  readonly pid: number;
  /** Its number on its host. */
  readonly pidThere: number;
  readonly stdout = null;
  readonly stderr = new PassThrough();
  exitCode: number | null = null;
  signalCode: NodeJS.Signals | null = null;
  readonly #agent: Child<typeof AGENT>;
  #atMs: number | null = null;

  private constructor({ agent, pid }: RemoteStart, pidThere: number) {
    super();
    this.#agent = agent;
    this.pid = pid;
    this.pidThere = pidThere;
  }

  /** Resolves when it has started. @throws ChildError if it cannot be started, or the host is lost */
  static start(options: RemoteStart): Promise<RemoteProcess> {
    const { agent, pid, program, nodeFlags } = options;
    return new Promise((resolve, reject) => {
      let started: RemoteProcess | null = null;
      const onNote = (note: ProcessNote) => {
        if ('pid' in note) {
          started = new RemoteProcess(options, note.pid);
          resolve(started);
        } else if ('message' in note) started?.emit('message', note.message);
        else started?.stderr.write(note.stderr);
      };
      agent.ask('run', { process: pid, program, nodeFlags }, { deadlineMs: FOR_EVER_MS, onNote }).then(
        ({ code, signal }) => started?.ended(code, signal as NodeJS.Signals | null),
        (error: unknown) => {
          reject(error);
          // The host is lost, and its agent ends everything there.
          started?.ended(null, 'SIGKILL');
        },
      );
    });
  }

  /** Messages sent by `ask` are delivered at a given time on its host's clock of `monotonicMs`. */
  deliverAt<T>(atMs: number, ask: () => T): T {
    this.#atMs = atMs;
    try {
      return ask();
    } finally {
      this.#atMs = null;
    }
  }

  send(message: object, callback: (error: Error | null) => void = () => {}): boolean {
    const at = this.#atMs === null ? {} : { atMs: this.#atMs };
    this.#agent.ask('send', { process: this.pid, message, ...at }).then(
      () => callback(null),
      (error: Error) => callback(error),
    );
    return true;
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): boolean {
    const kind = signal === 'SIGKILL' ? 'SIGKILL' : 'SIGTERM';
    this.#agent.ask('kill', { process: this.pid, signal: kind }).catch(() => {});
    return true;
  }

  private ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.exitCode = code;
    this.signalCode = signal;
    this.emit('exit', code, signal);
    this.emit('close', code, signal);
  }
}
