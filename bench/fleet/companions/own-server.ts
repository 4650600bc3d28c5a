/** A companion that is a server of ours: started over IPC like a replica, and killed when it is no longer needed. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Compile } from 'typebox/schema';
import { AS_IT_SAYS, BUSY, environmentError, runError } from '../../../core/errors.ts';
import { FromReplica } from '../../../servers/messages.ts';
import { deadline } from '../../processes/deadline.ts';
import { endOf, kill, lastWords } from '../../processes/ending.ts';
import { FIXED_YOUNG_GENERATION } from '../../processes/v8-flags.ts';
import { serverEnvironment } from '../replica.ts';
import type { CompanionOptions } from './companion.ts';

const START_TIMEOUT_MS = 20_000;
const fromServer = Compile(FromReplica);

export interface OwnServer {
  readonly pid: number;
  readonly port: number;
  /** Kills it, as a fault or at the end; its exit is expected. */
  kill(): Promise<void>;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
}

export interface OwnServerOptions extends CompanionOptions {
  /** Its name in errors: `the authorization server`. */
  readonly name: string;
  readonly entry: URL;
  /** The first message it gets. */
  readonly start: object;
}

/** @throws TollgateError if it reports a fault, exits, or is not ready in time */
export async function startOwnServer({ janitor, onDeath, name, entry, start }: OwnServerOptions): Promise<OwnServer> {
  const child: ChildProcess = fork(fileURLToPath(entry), [], {
    detached: true,
    env: serverEnvironment(),
    execArgv: [...FIXED_YOUNG_GENERATION],
    serialization: 'json',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  janitor.watch(child);
  const words = lastWords(child);
  let isExpected = false;
  const port = await new Promise<number>((resolve, reject) => {
    const inTime = deadline(START_TIMEOUT_MS, () => {
      isExpected = true;
      child.kill('SIGKILL');
      const message = `${name} was not ready within ${START_TIMEOUT_MS / 1000} s${words()}`;
      reject(runError(message, BUSY));
    });
    child.on('message', (message: unknown) => {
      if (!fromServer.Check(message) || 'id' in message) return;
      inTime();
      if (message.type === 'ready') return resolve(message.port);
      isExpected = true;
      reject(environmentError(`${name} cannot start: ${message.message}`, AS_IT_SAYS));
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      inTime();
      const message = `${name} (process ${child.pid}) ended with ${endOf(code, signal)}${words()}`;
      const error = runError(message, 'what was measured so far is kept; continue with --resume');
      reject(error);
      if (!isExpected) onDeath(error);
    });
    // A dead child's channel is closed; its exit is reported by the exit event.
    child.send(start, () => {});
  });
  return {
    pid: child.pid ?? 0,
    port,
    async kill() {
      isExpected = true;
      await kill(child);
    },
    signal: (signal) => void child.kill(signal),
  };
}
