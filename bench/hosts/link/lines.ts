/** An agent behind ssh as a process with messages: JSON lines over its standard input and output. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type { Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ProcessHandle } from '../../processes/rpc.ts';

export class LineProcess extends EventEmitter implements ProcessHandle {
  readonly #ssh: ChildProcessWithoutNullStreams;

  /** @param lines of its output, from here on */
  constructor(ssh: ChildProcessWithoutNullStreams, lines: Interface) {
    super();
    this.#ssh = ssh;
    lines.on('line', (line) => {
      try {
        this.emit('message', JSON.parse(line));
      } catch {
        // Not a message of ours: a login script may print something.
      }
    });
    for (const event of ['exit', 'close'] as const) ssh.once(event, (code, signal) => this.emit(event, code, signal));
  }

  get pid(): number | undefined {
    return this.#ssh.pid;
  }

  get exitCode(): number | null {
    return this.#ssh.exitCode;
  }

  get signalCode(): NodeJS.Signals | null {
    return this.#ssh.signalCode;
  }

  readonly stdout = null;

  get stderr(): Readable {
    return this.#ssh.stderr;
  }

  send(message: object, callback: (error: Error | null) => void = () => {}): boolean {
    return this.#ssh.stdin.write(`${JSON.stringify(message)}\n`, (error) => callback(error ?? null));
  }

  /** Signals to the agent that the coordinator is gone. */
  closeInput(): void {
    this.#ssh.stdin.end();
  }

  kill(signal?: NodeJS.Signals): boolean {
    return this.#ssh.kill(signal);
  }
}
