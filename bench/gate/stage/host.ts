/** A process that serves replicas of several arms, seen from outside. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Compile } from 'typebox/compile';
import { environmentError, runError } from '../../../core/errors.ts';
import { FromHost, type StartMessage, type ToHost } from '../../../servers/contract.ts';
import { serverEnvironment } from '../../fleet/replica.ts';
import type { Janitor } from '../../processes/janitor.ts';

const ENTRY = fileURLToPath(new URL('../../../servers/process/host.ts', import.meta.url));
const fromHost = Compile(FromHost);

export interface Host {
  /** @returns the port that the replica listens on. @throws TollgateError where it cannot, or the process ended */
  serve(start: StartMessage): Promise<number>;
  /** Why the process is gone; null while it lives. */
  death(): string | null;
  /** The last that it wrote to stdout and stderr. */
  output(): string;
  stop(): Promise<void>;
}

const OUTPUT_KEPT = 1_000_000;

export function startHost(janitor: Pick<Janitor, 'watch'>): Host {
  const child = fork(ENTRY, [], {
    detached: true,
    env: serverEnvironment(),
    execArgv: [],
    serialization: 'json',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  janitor.watch(child);
  const waiting = new Map<number, { resolve: (port: number) => void; reject: (error: Error) => void }>();
  let death: string | null = null;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_KEPT);
    });
  }
  const end = (reason: string) => {
    death ??= reason;
    for (const { reject } of waiting.values()) reject(gone(death));
    waiting.clear();
  };
  child.once('error', (error) => end(error.message));
  child.once('exit', (code, signal) => end(`the process ended with ${signal ?? `exit code ${code}`}`));
  child.on('message', (message: unknown) => {
    if (!fromHost.Check(message)) return;
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.type === 'hosted') asked?.resolve(message.port);
    else asked?.reject(environmentError(`a server cannot start: ${message.message}`, 'see the message'));
  });

  let nextId = 0;
  return {
    serve: (start) =>
      new Promise((resolve, reject) => {
        if (death !== null) return reject(gone(death));
        const id = nextId++;
        waiting.set(id, { resolve, reject });
        // A dead child's channel is closed; its exit is reported by the exit event.
        child.send({ type: 'host', id, start } satisfies ToHost, () => {});
      }),
    death: () => death,
    output: () => output,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

const gone = (reason: string) =>
  runError(`a server of the gate is gone: ${reason}`, 'npm run gate tells which check did it');
