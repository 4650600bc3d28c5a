/**
 * The messages between a process of the bench and its parent: one table for each kind of process, from which both
 * ends derive types and validation. To add an operation, add it to the table and write its handler.
 */
import type { EventEmitter } from 'node:events';
import { flushCompileCache } from 'node:module';
import type { Readable } from 'node:stream';
import type { Static, TNever, TSchema } from 'typebox';
import { Compile } from 'typebox/schema';
import { messageOf } from '../../core/errors.ts';
import { Type } from '../../core/schema.ts';

export interface Operation<
  Request extends TSchema = TSchema,
  Reply extends TSchema = TSchema,
  Note extends TSchema = TSchema,
> {
  readonly request: Request;
  readonly reply: Reply;
  /** Progress, sent any number of times before the reply. */
  readonly note?: Note;
  /** How long the operation takes by design, in ms; the deadline counts from then on. 0 if left out. */
  lastsMs?(request: Static<Request>): number;
}

export type Table = Readonly<Record<string, Operation>>;
export type OperationOf<T extends Table> = keyof T & string;
export type RequestOf<T extends Table, K extends keyof T> = Static<T[K]['request']>;
export type ReplyOf<T extends Table, K extends keyof T> = Static<T[K]['reply']>;
export type NoteOf<T extends Table, K extends keyof T> = Static<NonNullable<T[K]['note']>>;

/** A message is serialised, so the sender may pass readonly values. */
export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** One entry of a table. */
export function operation<Request extends TSchema, Reply extends TSchema, Note extends TSchema = TNever>(
  entry: Operation<Request, Reply, Note>,
): Operation<Request, Reply, Note> {
  return entry;
}

/** The schema of an empty request or reply. */
export const Nothing = Type.Null();

/** Parent → process. */
export const Ask = Type.Object({ id: Type.Integer(), operation: Type.String(), request: Type.Unknown() });

/** Process → parent. Each operation ends with `reply` or `failed`. */
export const Answer = Type.Union([
  Type.Object({ id: Type.Integer(), reply: Type.Unknown() }),
  Type.Object({ id: Type.Integer(), note: Type.Unknown() }),
  Type.Object({ id: Type.Integer(), failed: Type.String() }),
]);
export type Answer = Static<typeof Answer>;

export interface Check {
  Check(value: unknown): boolean;
  /** @returns whether the value fits, and the errors */
  Errors(value: unknown): readonly [boolean, readonly { readonly instancePath: string; readonly message: string }[]];
}

/** @returns where a value does not fit its schema, in a few words; never the value, which may be a secret */
export function faultOf(check: Check, value: unknown): string {
  const [, [fault]] = check.Errors(value);
  return `${fault?.instancePath || 'at the top'}: ${fault?.message ?? 'unknown form'}`;
}

export type Handlers<T extends Table> = {
  readonly [K in keyof T]: (
    request: RequestOf<T, K>,
    note: (note: NoteOf<T, K>) => void,
  ) => ReplyOf<T, K> | Promise<ReplyOf<T, K>>;
};

interface Served {
  readonly request: Check;
  readonly handle: (request: unknown, note: (note: unknown) => void) => unknown;
}

/**
 * A process as its users see it: forked here, or started on another host and reached through a channel. It has the
 * part of `ChildProcess` that is used, and emits `message`, `exit`, `close` and `error` in the same way.
 */
export interface ProcessHandle extends EventEmitter {
  /** For a process on another host: a number that no local process can have. */
  readonly pid?: number | undefined;
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  send(message: object, callback?: (error: Error | null) => void): boolean;
  kill(signal?: NodeJS.Signals): boolean;
}

/** The channel between a process and its parent. */
export interface ParentChannel {
  /** Sends a message. It is dropped if the channel has closed, since the parent is then gone. */
  say(message: object): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The listener is called once, when the parent is gone. */
  onEnd(listener: () => void): void;
}

/** The channel of a forked process; null if this one was not forked. */
function ipcChannel(): ParentChannel | null {
  if (process.send === undefined) return null;
  return {
    say: (message) => void process.send?.(message, () => {}),
    onMessage: (listener) => void process.on('message', listener),
    onEnd: (listener) => void process.on('disconnect', listener),
  };
}

/**
 * The process's side: carries out each operation as soon as it is requested. Errors are sent as data. The process
 * exits when its parent does.
 *
 * @param partOf the command to name if a user starts the process by hand
 */
export function serve<T extends Table>(table: T, handlers: Handlers<T>, partOf = 'npm run bench'): void {
  const channel = ipcChannel();
  if (channel === null) {
    process.stderr.write(`This process is a part of ${partOf}, which starts it.\n`);
    process.exit(2);
  }
  // Ctrl-C reaches the whole process group, and the parent decides what ends. If the parent is gone, the closed
  // channel ends this process.
  process.on('SIGINT', () => {});
  channel.onEnd(() => process.exit(0));
  answer(table, handlers, channel);
  // Node writes its compile cache when a process exits normally, but the parent kills this one. Done before the first
  // request, so that it disturbs no measurement.
  flushCompileCache();
}

/** Carries out the operations that arrive through a channel. Errors are sent as data. */
export function answer<T extends Table>(table: T, handlers: Handlers<T>, channel: ParentChannel): void {
  const served = new Map(
    Object.entries(table).map(([name, { request }]): [string, Served] => [
      name,
      // The request is checked against the schema from which the handler's parameter has its type.
      { request: Compile(request), handle: handlers[name] as Served['handle'] },
    ]),
  );
  const ask = Compile(Ask);
  const say = (reply: Answer) => channel.say(reply);
  channel.onMessage(async (message) => {
    if (!ask.Check(message)) return say({ id: -1, failed: 'the message is not a request' });
    const { id, operation: name, request } = message;
    const found = served.get(name);
    try {
      if (found === undefined) throw new TypeError(`unknown operation ${JSON.stringify(name)}`);
      if (!found.request.Check(request)) throw new TypeError(`unexpected request ${faultOf(found.request, request)}`);
      say({ id, reply: await found.handle(request, (note) => say({ id, note })) });
    } catch (error) {
      say({ id, failed: messageOf(error) });
    }
  });
}
