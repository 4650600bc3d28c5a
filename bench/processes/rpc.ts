/**
 * A helper process of the bench, forked with an IPC channel: asked one thing after the other, and killed when it is no
 * longer needed. It holds nothing that would have to be saved. Its part of the bargain: it exits when the channel closes.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';

/** A helper process failed, ended, or said something unexpected. */
export class ChildError extends Error {
  override readonly name = 'ChildError';
}

export interface ChildOptions {
  /** Pins it to one core with `taskset`, which must be on the path. */
  readonly core?: number;
  /** Before whoever else is on its core, where the system allows that: to root, as a rule. */
  readonly goesFirst?: boolean;
  /** For its Node. */
  readonly nodeFlags?: readonly string[];
}

/** What `Compile` of typebox gives: checks a message. */
export interface Check<T> {
  Check(value: unknown): value is T;
}

interface Waiter {
  readonly take: (message: unknown) => void;
  readonly fail: (error: Error) => void;
}

export class Child {
  readonly pid: number;
  readonly #process: ChildProcess;
  readonly #name: string;
  readonly #waiters: Waiter[] = [];
  #ended: ChildError | null = null;

  private constructor(process: ChildProcess, pid: number, name: string) {
    this.#process = process;
    this.pid = pid;
    this.#name = name;
    process.on('message', (message) => this.#waiters.shift()?.take(message));
    process.on('error', (error) => this.#end(new ChildError(`${name}: ${error.message}`)));
    process.on('exit', (code, signal) =>
      this.#end(new ChildError(`${name} ended early (${signal ?? `exit code ${code}`})`)),
    );
  }

  /** @param entry the module that the process runs */
  static start(entry: URL, { core, goesFirst = false, nodeFlags = [] }: ChildOptions = {}): Child {
    const launch =
      core === undefined
        ? { execArgv: [...nodeFlags] }
        : { execPath: 'taskset', execArgv: ['-c', String(core), process.execPath, ...nodeFlags] };
    const path = fileURLToPath(entry);
    const name = path.slice(path.lastIndexOf('/') + 1);
    const child = fork(path, [], { ...launch, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    if (goesFirst && child.pid !== undefined) putFirst(child.pid);
    return new Child(child, child.pid ?? 0, name);
  }

  /**
   * Sends a message and waits for its answer; answers come in the order of the questions.
   * @throws ChildError when the process ends first, answers `{type: 'failed', message}`, or answers otherwise than `reply`
   */
  ask<T>(message: object, reply: Check<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== null) {
        reject(this.#ended);
        return;
      }
      this.#waiters.push({
        take: (answer) => {
          if (reply.Check(answer)) resolve(answer);
          else reject(new ChildError(`${this.#name}: ${failureOf(answer) ?? 'unexpected answer'}`));
        },
        fail: reject,
      });
      this.#process.send(message, (error) => {
        if (error !== null) this.#end(new ChildError(`${this.#name}: ${error.message}`));
      });
    });
  }

  /** Ends the process and waits until it is gone. What is still asked fails. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null || this.pid === 0) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }

  #end(error: ChildError): void {
    this.#ended ??= error;
    for (const waiter of this.#waiters.splice(0)) waiter.fail(this.#ended);
  }
}

function putFirst(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Refused to most users: it takes turns with the others then.
  }
}

function failureOf(answer: unknown): string | null {
  const { type, message } = (answer ?? {}) as { type?: unknown; message?: unknown };
  return type === 'failed' && typeof message === 'string' ? message : null;
}

/** The other end: answers each message by what `answer` returns, in order; a throw is answered as a failure. */
export function serveParent(answer: (message: unknown) => object | Promise<object>): void {
  // Ctrl-C reaches the whole process group. The parent decides what ends; without it, the channel closes.
  process.on('SIGINT', () => {});
  process.on('disconnect', () => process.exit(0));
  let last: Promise<void> = Promise.resolve();
  process.on('message', (message) => {
    last = last.then(async () => {
      let reply: object;
      try {
        reply = await answer(message);
      } catch (error) {
        reply = { type: 'failed', message: error instanceof Error ? error.message : String(error) };
      }
      process.send?.(reply);
    });
  });
}
