/** The gate's side of a process that serves replicas of several arms. Its messages are those of servers/messages.ts. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Compile } from 'typebox/schema';
import { AS_IT_SAYS, BUSY, environmentError, runError } from '../../../core/errors.ts';
import { FromHost, type StartMessage, type ToHost } from '../../../servers/messages.ts';
import { serverEnvironment } from '../../fleet/replica.ts';
import { endOf, kill } from '../../processes/ending.ts';
import type { Janitor } from '../../processes/janitor.ts';
import { DEADLINE_MS, Pending } from '../../processes/pending.ts';

const ENTRY = fileURLToPath(new URL('../../../servers/process/host.ts', import.meta.url));
const fromHost = Compile(FromHost);

export interface Host {
  /** @returns the port that clients reach, and that of a replica behind an edge. @throws TollgateError if it cannot listen, or the process ended */
  serve(start: StartMessage): Promise<{ readonly port: number; readonly behindPort?: number | undefined }>;
  /** Returns why the process ended; null while it runs. */
  death(): string | null;
  /** Returns the end of its output on stdout and stderr. */
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
  const pending = new Pending<FromHost>();
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_KEPT);
    });
  }
  child.once('error', (error) => pending.end(error));
  child.once('exit', (code, signal) => pending.end(new Error(`the process ended with ${endOf(code, signal)}`)));
  child.on('message', (message: unknown) => {
    if (fromHost.Check(message)) pending.resolve(message.id, message);
  });

  return {
    async serve(start) {
      // A dead process's channel is closed; its end is reported by the exit event.
      const answer = await pending.ask(QUESTION, (id) =>
        child.send({ type: 'host', id, start } satisfies ToHost, () => {}),
      );
      if (answer.type === 'hosted') return answer;
      throw environmentError(`a server cannot start: ${answer.message}`, AS_IT_SAYS);
    },
    death: () => pending.ended?.message ?? null,
    output: () => output,
    stop: () => kill(child),
  };
}

const gone = (reason: string) =>
  runError(`a server of the gate is gone: ${reason}`, 'npm run gate shows which check did it');

const QUESTION = {
  deadlineMs: DEADLINE_MS,
  late: () => runError(`a server of the gate did not start within ${DEADLINE_MS / 1000} s`, BUSY),
  failure: ({ message }: Error) => gone(message),
};
