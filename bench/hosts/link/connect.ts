/** Opens a host: ssh, its Node, the package if it is missing, and its agent. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { afterEnding, environmentError, runError, type TollgateError } from '../../../core/errors.ts';
import { inertLine } from '../../../core/inert.ts';
import { checker } from '../../../core/results/validate.ts';
import { kill } from '../../processes/ending.ts';
import type { Janitor } from '../../processes/janitor.ts';
import { AgentReady } from '../agent/protocol.ts';
import type { HostEntry } from '../config/read.ts';
import { Hello, Unpacked } from '../copy/boot.ts';
import type { Bundle } from '../copy/bundle.ts';
import { CONNECT_MS, COPY_MS, READY_MS } from '../deadlines.ts';
import { LineProcess } from './lines.ts';
import { helloFault } from './refusals.ts';
import { refusalOf, sshArguments } from './ssh.ts';

export interface ConnectOptions {
  readonly sshConfig: string | null;
  readonly bundle: Bundle;
  readonly janitor: Pick<Janitor, 'watch'>;
  readonly signal: AbortSignal;
  /** Called when the package is being copied. */
  readonly onCopy: () => void;
}

const hello = checker(Hello);
const unpacked = checker(Unpacked);
const ready = checker(AgentReady);

/** @throws TollgateError naming the host, with a hint; its ssh has then ended */
export async function connectHost(host: HostEntry, options: ConnectOptions): Promise<LineProcess> {
  const { sshConfig, bundle, janitor, signal, onCopy } = options;
  // In its own session: Ctrl-C is for this process, which then ends the agent in order.
  const ssh = spawn('ssh', sshArguments(host, sshConfig, bundle), { detached: true, stdio: 'pipe' });
  janitor.watch(ssh);
  ssh.stdin.on('error', () => {});
  const opening = new Opening(host, ssh);
  const giveUp = () => void ssh.kill('SIGKILL');
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    const first = await opening.next(hello, 2 * CONNECT_MS, 'Node.js did not answer');
    const fault = helloFault(host, first, bundle);
    if (fault !== null) throw fault;
    if (!first.cached) {
      onCopy();
      ssh.stdin.write(bundle.bytes);
      const { unpacked: reason } = await opening.next(unpacked, COPY_MS, 'the package was not copied');
      if (reason !== '') throw copyFault(host, reason);
    }
    const state = await opening.next(ready, READY_MS, 'the agent was not ready');
    if ('busy' in state) {
      throw environmentError(
        `host ${host.name} is in use by another run of Tollgate since ${inertLine(state.busy)}`,
        'wait until that run ends',
      );
    }
    return opening.finish();
  } catch (error) {
    throw await afterEnding(error, () => kill(ssh));
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

function copyFault({ name }: HostEntry, reason: string): TollgateError {
  const said = inertLine(reason);
  return /ENOSPC|EDQUOT/.test(reason)
    ? environmentError(`host ${name} has no disk space for the package: ${said}`, 'free 50 MB in its ~/.cache')
    : environmentError(
        `the package cannot be unpacked on host ${name}: ${said}`,
        'remove ~/.cache/tollgate there, and check that the disk is not full',
      );
}

type Checker<T> = (value: unknown) => { readonly ok: true; readonly value: T } | { readonly ok: false };

/** Reads the lines of a host before its agent takes over. */
class Opening {
  readonly #host: HostEntry;
  readonly #ssh: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #waiting: unknown[] = [];
  #take: ((value: unknown) => void) | null = null;
  #stderr = '';
  readonly #ended: Promise<never>;

  constructor(host: HostEntry, ssh: ChildProcessWithoutNullStreams) {
    this.#host = host;
    this.#ssh = ssh;
    this.#lines = createInterface({ input: ssh.stdout });
    this.#lines.on('line', this.#onLine);
    ssh.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4_000);
    });
    this.#ended = new Promise((_, reject) => {
      ssh.once('error', (error) =>
        reject(environmentError(`ssh cannot be started: ${error.message}`, 'install the OpenSSH client')),
      );
      ssh.once('close', (code) => reject(refusalOf(host, this.#stderr, code)));
    });
    // It may come while nothing waits for it.
    this.#ended.catch(() => {});
  }

  readonly #onLine = (line: string) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      // A login script may print something.
      return;
    }
    if (this.#take === null) this.#waiting.push(value);
    else this.#take(value);
  };

  /** The next line of this form. @throws TollgateError if it does not come in time, or ssh ends */
  async next<T>(check: Checker<T>, withinMs: number, late: string): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const seconds = withinMs / 1000;
    const timer = setTimeout(
      () =>
        reject(
          runError(
            `host ${this.#host.name}: ${late} within ${seconds} s`,
            'stop other programs there, and run it again',
          ),
        ),
      withinMs,
    );
    const take = (value: unknown) => {
      const checked = check(value);
      if (checked.ok) resolve(checked.value);
    };
    for (let line = this.#waiting.shift(); line !== undefined; line = this.#waiting.shift()) take(line);
    this.#take = take;
    try {
      return await Promise.race([promise, this.#ended]);
    } finally {
      clearTimeout(timer);
      this.#take = null;
    }
  }

  finish(): LineProcess {
    this.#lines.removeListener('line', this.#onLine);
    return new LineProcess(this.#ssh, this.#lines);
  }
}
