/** The bench process's side of a delay proxy. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Compile } from 'typebox/compile';
import { runError } from '../../../core/errors.ts';
import type { Janitor } from '../../processes/janitor.ts';
import type { Lateness } from './line.ts';
import { FromDelayProxy, type ToDelayProxy } from './protocol.ts';

const ENTRY = fileURLToPath(new URL('./proxy.ts', import.meta.url));
const fromDelayProxy = Compile(FromDelayProxy);

export interface DelayProxy {
  readonly pid: number;
  /** As that of the Redis behind it, password included. */
  readonly url: string;
  /** Holds back every reply for so long from now on, 0 for not at all. */
  delay(micros: number): Promise<void>;
  /** How late it passed on what it held back, since the last time it was asked. */
  lateness(): Promise<Lateness>;
  stop(): Promise<void>;
}

export interface DelayProxyOptions {
  readonly janitor: Janitor;
  readonly redisUrl: string;
  /** Called once when it ends without having been asked to. */
  readonly onDeath: (error: Error) => void;
}

interface Waiter {
  readonly resolve: (answer: FromDelayProxy) => void;
  readonly reject: (error: Error) => void;
}

/** Asks one thing after the other; answers come in the order of the questions. */
class Channel {
  readonly #child: ChildProcess;
  readonly #waiters: Waiter[] = [];
  #ended: Error | null = null;
  stopping = false;

  constructor(child: ChildProcess, onDeath: (error: Error) => void) {
    this.#child = child;
    child.on('message', (message: unknown) => {
      const waiter = this.#waiters.shift();
      if (!fromDelayProxy.Check(message)) waiter?.reject(faulty('sent a message of unknown form'));
      else if (message.type === 'failed') waiter?.reject(faulty(`failed: ${message.message}`));
      else waiter?.resolve(message);
    });
    child.once('error', (error) => this.#end(error));
    child.once('exit', (code, signal) => {
      const error = faulty(`ended with ${signal ?? `exit code ${code}`}`);
      this.#end(error);
      if (!this.stopping) onDeath(error);
    });
  }

  async ask<T extends FromDelayProxy['type']>(
    message: ToDelayProxy,
    type: T,
  ): Promise<Extract<FromDelayProxy, { type: T }>> {
    const answer = await new Promise<FromDelayProxy>((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      this.#waiters.push({ resolve, reject });
      this.#child.send(message, () => {});
    });
    if (answer.type !== type) throw faulty(`answered ${answer.type} to another question`);
    return answer as Extract<FromDelayProxy, { type: T }>;
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiters.splice(0)) reject(this.#ended);
  }
}

function faulty(what: string): Error {
  return runError(
    `the proxy that delays Redis ${what}`,
    'what was measured so far is kept; --resume goes on from there',
  );
}

/** @throws TollgateError when it cannot be started */
export async function startDelayProxy(options: DelayProxyOptions): Promise<DelayProxy> {
  const child = fork(ENTRY, [], { detached: true, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  options.janitor.watch(child);
  const channel = new Channel(child, options.onDeath);
  const stop = async () => {
    channel.stopping = true;
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };
  try {
    const url = new URL(options.redisUrl);
    const { port } = await channel.ask({ type: 'start', port: Number(url.port) }, 'listening');
    url.port = String(port);
    return {
      pid: child.pid ?? 0,
      url: url.href,
      delay: async (micros) => void (await channel.ask({ type: 'delay', micros }, 'delaying')),
      lateness: async () => {
        const { delayed, totalMicros, maxMicros } = await channel.ask({ type: 'lateness' }, 'lateness');
        return { delayed, totalMicros, maxMicros };
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
