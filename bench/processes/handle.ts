/** A process as those see it who use it: forked here, or started on another host and reached through a channel. */
import type { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';

/** `ChildProcess`, as far as it is used. It emits `message`, `exit`, `close` and `error`, as that does. */
export interface ProcessHandle extends EventEmitter {
  /** Of a process on another host: a number that no process here can have. */
  readonly pid?: number | undefined;
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  send(message: object, callback?: (error: Error | null) => void): boolean;
  kill(signal?: NodeJS.Signals): boolean;
}
