/**
 * A helper process of the bench. It carries out the operations of its table, has no state to save, and is killed when
 * it is no longer needed.
 */
import { fork } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Compile } from 'typebox/schema';
import { compileCache } from '../../core/compile-cache.ts';
import { EXIT, TollgateError } from '../../core/errors.ts';
import { endOf, kill, lastWords } from './ending.ts';
import type { Janitor } from './janitor.ts';
import { DEADLINE_MS, Pending } from './pending.ts';
import type { ProcessHandle } from './rpc.ts';
import {
  Answer,
  type Check,
  type DeepReadonly,
  faultOf,
  type NoteOf,
  type OperationOf,
  type ReplyOf,
  type RequestOf,
  type Table,
} from './rpc.ts';

const BUG = 'this is a bug in Tollgate: please report it';

/** A helper process failed, ended, was silent for too long, or said something unexpected. */
export class ChildError extends TollgateError {
  override readonly name = 'ChildError';

  constructor(message: string, hint: string) {
    super(EXIT.failed, message, hint);
  }
}

export interface ChildOptions {
  /** Its name in errors, such as `the load generator`. */
  readonly name: string;
  /** The module that the process runs, or a process that already runs it. */
  readonly entry: URL | ProcessHandle;
  /** What the user can do about a failure; to run it again if left out. */
  readonly hint?: string;
  /** Kills the process, in its own group, if this one is killed. A closed channel also ends it, unless it hangs. */
  readonly janitor?: Pick<Janitor, 'watch'>;
  /** Pins it to one core with `taskset`, which must be on the PATH. */
  readonly core?: number;
  /** Gives it priority over all other processes of its core if the system allows that, which usually takes root. */
  readonly goesFirst?: boolean;
  /** Flags for its Node. */
  readonly nodeFlags?: readonly string[];
  /** How long an operation may take beyond its `lastsMs`; a minute when left out. */
  readonly deadlineMs?: number;
  /** Called once if it ends without having been stopped. */
  readonly onDeath?: (error: Error) => void;
}

export interface AskOptions<Note> {
  /** Replaces the deadline of the process. Each note renews it. */
  readonly deadlineMs?: number;
  /** If it throws, `ask` rejects with that error. */
  readonly onNote?: (note: Note) => void;
}

interface Checks {
  readonly reply: Check;
  readonly note: Check | null;
}

export class Child<T extends Table> {
  readonly pid: number;
  readonly #process: ProcessHandle;
  readonly #table: T;
  readonly #options: ChildOptions;
  readonly #hint: string;
  readonly #checks = new Map<string, Checks>();
  readonly #pending = new Pending<unknown>();
  readonly #onNote = new Map<number, (note: unknown) => void>();
  #stopping = false;

  constructor(table: T, options: ChildOptions) {
    const { entry, hint = 'run it again', goesFirst = false } = options;
    const child = entry instanceof URL ? launch(entry, options) : entry;
    this.#table = table;
    this.#options = options;
    this.#hint = hint;
    this.#process = child;
    this.pid = child.pid ?? 0;
    if (goesFirst && child.pid !== undefined) putFirst(child.pid);
    for (const [key, { reply, note }] of Object.entries(table)) {
      this.#checks.set(key, { reply: Compile(reply), note: note === undefined ? null : Compile(note) });
    }
    const words = lastWords(child);
    const answer = Compile(Answer);
    child.on('message', (message: unknown) => {
      if (answer.Check(message)) this.#hear(message);
    });
    child.on('error', (error) => this.#end(`cannot be started or reached: ${error.message}`));
    // Emitted after the last message and the end of stderr.
    child.on('close', (code, signal) => this.#end(`ended with ${endOf(code, signal)}${words()}`));
  }

  /**
   * Replies arrive as soon as each is ready, in any order.
   *
   * @throws ChildError with process and operation if the process reports an error, ends, misses the deadline or sends
   * an invalid reply; the error given to `fail`; errors of `onNote`
   */
  async ask<K extends OperationOf<T>>(
    operation: K,
    request: DeepReadonly<RequestOf<T, K>>,
    { deadlineMs, onNote }: AskOptions<NoteOf<T, K>> = {},
  ): Promise<ReplyOf<T, K>> {
    const { name, deadlineMs: usualMs = DEADLINE_MS } = this.#options;
    const longestMs = deadlineMs ?? (this.#table[operation]?.lastsMs?.(request) ?? 0) + usualMs;
    let asked = -1;
    const question = {
      deadlineMs: longestMs,
      late: () => this.#error(`did not complete ${operation} within ${longestMs / 1000} s`),
      failure: (reason: Error) =>
        reason instanceof ChildError
          ? new ChildError(`${reason.message} (asked for ${operation})`, reason.hint)
          : reason,
    };
    try {
      const reply = await this.#pending.ask(question, (id) => {
        asked = id;
        this.#onNote.set(id, (note) => this.#take(operation, id, note, onNote));
        // The channel of a dead process is closed; the events above report its end.
        this.#process.send({ id, operation, request }, () => {});
      });
      const check = this.#checks.get(operation)?.reply;
      if (check?.Check(reply)) return reply as ReplyOf<T, K>; // the type of the schema that it has just fitted
      throw new ChildError(
        `${name} returned an unexpected result for ${operation}${check ? `: ${faultOf(check, reply)}` : ''}`,
        BUG,
      );
    } catch (error) {
      if (error instanceof Failure) throw this.#error(`failed at ${operation}: ${error.message}`);
      throw error;
    } finally {
      this.#onNote.delete(asked);
    }
  }

  /**
   * Everything that is asked, now or later, fails with this error: for example if a resource of the process is gone,
   * or the user gave up.
   */
  fail(error: Error): void {
    this.#pending.end(error);
  }

  /** Ends the process and waits until it is gone. Pending requests fail. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#pending.end(this.#error('was stopped'));
    await kill(this.#process);
  }

  #hear(message: Answer): void {
    if ('reply' in message) this.#pending.resolve(message.id, message.reply);
    else if ('failed' in message) this.#pending.reject(message.id, new Failure(message.failed));
    else this.#onNote.get(message.id)?.(message.note);
  }

  #take<Note>(operation: string, id: number, note: unknown, onNote?: (note: Note) => void): void {
    this.#pending.renew(id);
    const check = this.#checks.get(operation)?.note ?? null;
    try {
      if (!check?.Check(note))
        throw new ChildError(`${this.#options.name} reported unexpected progress for ${operation}`, BUG);
      onNote?.(note as Note); // the type of the schema that it has just fitted
    } catch (error) {
      this.#pending.reject(id, error);
    }
  }

  #error(what: string): ChildError {
    return new ChildError(`${this.#options.name} ${what}`, this.#hint);
  }

  #end(what: string): void {
    const error = this.#error(what);
    const isFirst = this.#pending.ended === null;
    this.#pending.end(error);
    if (isFirst && !this.#stopping) this.#options.onDeath?.(error);
  }
}

function launch(entry: URL, { janitor, core, nodeFlags = [] }: ChildOptions): ProcessHandle {
  const placed =
    core === undefined
      ? { execArgv: [...nodeFlags] }
      : { execPath: 'taskset', execArgv: ['-c', String(core), process.execPath, ...nodeFlags] };
  const child = fork(fileURLToPath(entry), [], {
    ...placed,
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache() },
    detached: janitor !== undefined,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  janitor?.watch(child);
  return child;
}

/** An error that a process sent instead of a reply. */
class Failure extends Error {}

function putFirst(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Most users may not do this: the process then shares the core with the others.
  }
}
