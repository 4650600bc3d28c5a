/** One replica process, seen from outside: start, ask, notice its death, stop. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Compile } from 'typebox/compile';
import { environmentError, runError } from '../../core/errors.ts';
import { FromReplica, type StartMessage, type Telemetry, type ToReplica } from '../../servers/contract.ts';
import type { Address } from '../load/connection/connection.ts';
import type { Janitor } from '../processes/janitor.ts';

const ENTRY = fileURLToPath(new URL('../../servers/process/replica.ts', import.meta.url));
const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/tollgate', import.meta.url));
const START_TIMEOUT_MS = 20_000;
const fromReplica = Compile(FromReplica);

export interface Replica {
  readonly arm: string;
  readonly pid: number;
  readonly address: Address;
  telemetry(): Promise<Telemetry>;
  /** Takes a CPU profile from when this resolves on. @throws TollgateError where it cannot */
  startProfile(intervalMicros: number): Promise<void>;
  /** @returns the profile as V8 gave it, unchecked. @throws TollgateError where none is being taken */
  stopProfile(): Promise<unknown>;
  stop(): Promise<void>;
}

/** What a replica says when it is asked, under the number of the question. */
type Answer = Extract<FromReplica, { readonly id: number }>;

function unasked(arm: string, answer: Answer): Error {
  return answer.type === 'profile-failed'
    ? runError(`a replica of ${arm} cannot be profiled: ${answer.message}`, 'run without --profile full')
    : runError(
        `a replica of ${arm} answered ${answer.type} to another question`,
        'this is a fault of Tollgate: report it',
      );
}

export interface ReplicaOptions {
  readonly start: Omit<StartMessage, 'type'>;
  readonly janitor: Janitor;
  /** Called once when it ends without having been asked to. */
  readonly onDeath: (error: Error) => void;
  /** Another program in place of the replica, which speaks the same messages. */
  readonly entry?: string;
  /** The Node that runs it; ours when left out. */
  readonly execPath?: string;
  /** Flags of that Node; none when left out. */
  readonly execArgv?: readonly string[];
  /** Gets everything that the process writes to stdout and stderr. */
  readonly onOutput?: (text: string) => void;
}

/** Nothing of the caller's environment reaches what is measured, but for what a process needs to start. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, TOLLGATE_ALLOW_REMOTE } = process.env;
  const kept = { PATH, HOME, TMPDIR, TOLLGATE_ALLOW_REMOTE };
  const set = Object.entries(kept).filter(([, value]) => value !== undefined);
  // Compiled code is kept on disk, since everything is started afresh many times in a run.
  return {
    ...Object.fromEntries(set),
    NODE_ENV: 'production',
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE || COMPILE_CACHE,
  };
}

function lastWords(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-2000);
  });
  return () => {
    const line = text.split('\n').find((candidate) => /error/i.test(candidate)) ?? text.trim().split('\n').at(-1) ?? '';
    return line === '' ? '' : `: ${line.trim().slice(0, 200)}`;
  };
}

/** @throws TollgateError when it reports a fault, ends, or is not ready in time */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { arm, host } = options.start;
  const { onOutput } = options;
  const child = fork(options.entry ?? ENTRY, [], {
    detached: true,
    env: serverEnvironment(),
    ...(options.execPath === undefined ? {} : { execPath: options.execPath }),
    execArgv: [...(options.execArgv ?? [])],
    serialization: 'json',
    stdio: ['ignore', onOutput === undefined ? 'ignore' : 'pipe', 'pipe', 'ipc'],
  });
  options.janitor.watch(child);
  if (onOutput !== undefined)
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', onOutput);
  const words = lastWords(child);
  let stopping = false;
  let ended: Error | null = null;
  const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();

  const port = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => {
      // Its end is our doing, and not what is wrong.
      stopping = true;
      child.kill('SIGKILL');
      reject(
        runError(
          `a replica of ${arm} was not ready within ${START_TIMEOUT_MS / 1000} s${words()}`,
          'is the machine overloaded?',
        ),
      );
    }, START_TIMEOUT_MS);
    child.on('message', (message: unknown) => {
      if (!fromReplica.Check(message)) return;
      if ('id' in message) {
        waiting.get(message.id)?.resolve(message);
        waiting.delete(message.id);
        return;
      }
      clearTimeout(timer);
      if (message.type === 'ready') resolve(message.port);
      else reject(environmentError(`a replica of ${arm} cannot start: ${message.message}`, mendFor(message.code)));
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      const error = runError(
        `a replica of ${arm} (process ${child.pid}) ended with ${signal ?? `exit code ${code}`}${words()}`,
        'what was measured so far is kept; --resume goes on from there',
      );
      ended = error;
      reject(error);
      for (const { reject: giveUp } of waiting.values()) giveUp(error);
      waiting.clear();
      if (!stopping) options.onDeath(error);
    });
    send(child, { type: 'start', ...options.start });
  });

  let nextId = 0;
  const ask = (make: (id: number) => ToReplica) =>
    new Promise<Answer>((resolve, reject) => {
      // Nobody would ever answer.
      if (ended !== null) return reject(ended);
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      send(child, make(id));
    });
  return {
    arm,
    pid: child.pid ?? 0,
    address: { host, port, ...(options.start.tls ? { certificate: options.start.tls.certificate } : {}) },
    telemetry: async () => {
      const answer = await ask((id) => ({ type: 'telemetry', id }));
      if (answer.type !== 'telemetry') throw unasked(arm, answer);
      return answer;
    },
    startProfile: async (intervalMicros) => {
      const answer = await ask((id) => ({ type: 'profile-start', id, intervalMicros }));
      if (answer.type !== 'profile-started') throw unasked(arm, answer);
    },
    stopProfile: async () => {
      const answer = await ask((id) => ({ type: 'profile-stop', id }));
      if (answer.type !== 'profile') throw unasked(arm, answer);
      return answer.profile;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      stopping = true;
      const exit = once(child, 'exit');
      // Its answers are all in: there is nothing to be gentle about, and a stuck replica would not hear.
      child.kill('SIGKILL');
      await exit;
    },
  };
}

function send(child: ChildProcess, message: ToReplica): void {
  // A dead child's channel is closed; its exit is reported by the exit event.
  child.send(message, () => {});
}

function mendFor(code: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'another process has the port: end it, or let Tollgate choose ports by itself';
    case 'NOAUTH':
    case 'WRONGPASS':
      return 'put the password into REDIS_URL, or unset it';
    default:
      return 'see the message; with REDIS_URL unset Tollgate starts its own Redis';
  }
}
