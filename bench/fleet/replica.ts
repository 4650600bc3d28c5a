/**
 * The bench's side of a replica process. The messages are those of servers/messages.ts, which replicas of earlier
 * builds use too, so they have no protocol table.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Compile } from 'typebox/schema';
import { compileCache } from '../../core/compile-cache.ts';
import { AS_IT_SAYS, BUSY, environmentError, runError } from '../../core/errors.ts';
import { FromReplica, type StartMessage, type Telemetry, type ToReplica } from '../../servers/messages.ts';
import type { Address } from '../load/connection/connection.ts';
import { deadline } from '../processes/deadline.ts';
import { endOf, kill, lastWords, signalIfAlive } from '../processes/ending.ts';
import type { Janitor } from '../processes/janitor.ts';
import { DEADLINE_MS, Pending } from '../processes/pending.ts';
import type { ProcessHandle } from '../processes/rpc.ts';
import { processTree } from '../processes/trees/process-tree.ts';
import { FIXED_YOUNG_GENERATION } from '../processes/v8-flags.ts';

const ENTRY = fileURLToPath(new URL('../../servers/process/replica.ts', import.meta.url));
const START_TIMEOUT_MS = 20_000;
const EDGE_ENDS_WITHIN_MS = 2_000;
const fromReplica = Compile(FromReplica);

export interface Replica {
  readonly arm: string;
  readonly pid: number;
  /** All its processes, if there may be several; default: `pid` alone. */
  pids?(): readonly number[];
  /** The address for clients. */
  readonly address: Address;
  /** Its own address, if clients connect to an edge in front of it. */
  readonly behind?: Address;
  telemetry(): Promise<Telemetry>;
  /** Resolves when the profile has begun. @throws TollgateError if no profile can be taken */
  startProfile(intervalMicros: number): Promise<void>;
  /** @throws TollgateError if no profile is being taken */
  stopProfile(): Promise<ReplicaProfiles>;
  stop(): Promise<void>;
}

/** Profiles from V8, not validated. */
export interface ReplicaProfiles {
  readonly profile: unknown;
  /** Of the edge in front of it; undefined without an edge. */
  readonly edge?: unknown;
}

type Ready = Extract<FromReplica, { readonly type: 'ready' }>;

/** Requests to a running replica, and their answers, which carry the same id. */
type Request = Extract<ToReplica, { readonly id: number }>;
type Answer = Extract<FromReplica, { readonly id: number }>;

export interface ReplicaOptions {
  readonly start: Omit<StartMessage, 'type'>;
  readonly janitor: Janitor;
  /** Called once when it exits without having been stopped. */
  readonly onDeath: (error: Error) => void;
  /** Starts its process on another host, with these flags of Node; default: here. */
  readonly launch?: (execArgv: readonly string[]) => Promise<ProcessHandle>;
  /** Another program instead of the replica, which uses the same messages. */
  readonly entry?: string;
  /** The Node that runs it; default: ours. */
  readonly execPath?: string;
  /** Flags of that Node, which override those of every replica; default none. */
  readonly execArgv?: readonly string[];
  /** A program with its own flags that runs that Node, as valgrind does; default: none. */
  readonly under?: readonly [program: string, ...flags: string[]];
  /** A folder for its compiled code instead of the usual one, because that of another build is soon useless. */
  readonly compiled?: string;
  /** Receives the output of the process on stdout and stderr. */
  readonly onOutput?: (text: string) => void;
  /** The start time-out; default 20 s. An instrumented process needs longer. */
  readonly startTimeoutMs?: number;
  /** Added to the environment of the process. */
  readonly env?: NodeJS.ProcessEnv;
}

/** The part of the caller's environment that a process needs to start: nothing else reaches the measured servers. */
export function serverEnvironment(compiled?: string): NodeJS.ProcessEnv {
  // The certificate authorities are for a Redis behind TLS.
  const { PATH, HOME, TMPDIR, TOLLGATE_ALLOW_REMOTE, NODE_EXTRA_CA_CERTS, NODE_USE_SYSTEM_CA } = process.env;
  const kept = { PATH, HOME, TMPDIR, TOLLGATE_ALLOW_REMOTE, NODE_EXTRA_CA_CERTS, NODE_USE_SYSTEM_CA };
  const set = Object.entries(kept).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(set), NODE_ENV: 'production', NODE_COMPILE_CACHE: compileCache(compiled) };
}

function launchHere(options: ReplicaOptions, nodeFlags: readonly string[]): ProcessHandle {
  const { execPath = process.execPath, under = [] } = options;
  // Node's flags stand behind Node's name: the program in front of it would refuse them.
  const [program = execPath, ...words] = [...under, execPath, ...nodeFlags];
  const child = fork(options.entry ?? ENTRY, [], {
    detached: true,
    env: { ...serverEnvironment(options.compiled), ...options.env },
    execPath: program,
    execArgv: words,
    serialization: 'json',
    stdio: ['ignore', options.onOutput === undefined ? 'ignore' : 'pipe', 'pipe', 'ipc'],
  });
  options.janitor.watch(child);
  return child;
}

/** @throws TollgateError if it reports a fault, exits, or is not ready in time */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { arm, host } = options.start;
  const { onOutput, startTimeoutMs = START_TIMEOUT_MS } = options;
  const execArgv = [...FIXED_YOUNG_GENERATION, ...(options.execArgv ?? [])];
  const child = options.launch === undefined ? launchHere(options, execArgv) : await options.launch(execArgv);
  if (onOutput !== undefined)
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', onOutput);
  const words = lastWords(child);
  const pending = new Pending<Answer>();
  let stopping = false;

  const { port, behindPort } = await new Promise<Ready>((resolve, reject) => {
    const inTime = deadline(startTimeoutMs, () => {
      // We stop it ourselves, so its exit is not the fault.
      stopping = true;
      child.kill('SIGKILL');
      reject(runError(`a replica of ${arm} was not ready within ${startTimeoutMs / 1000} s${words()}`, BUSY));
    });
    child.on('message', (message: unknown) => {
      if (!fromReplica.Check(message)) return;
      if ('id' in message) {
        pending.resolve(message.id, message);
        return;
      }
      inTime();
      if (message.type === 'ready') resolve(message);
      else reject(environmentError(`a replica of ${arm} cannot start: ${message.message}`, hintFor(message.code)));
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      inTime();
      const error = runError(
        `a replica of ${arm} (process ${child.pid}) ended with ${endOf(code, signal)}${words()}`,
        'what was measured so far is kept; continue with --resume',
      );
      reject(error);
      pending.end(error);
      if (!stopping) options.onDeath(error);
    });
    send(child, { type: 'start', ...options.start });
  });

  /** @param type the expected answer */
  const ask = async <T extends Answer['type']>(make: (id: number) => Request, type: T) => {
    const late = () => runError(`a replica of ${arm} did not answer within ${DEADLINE_MS / 1000} s`, 'run it again');
    const answer = await pending.ask({ deadlineMs: DEADLINE_MS, late }, (id) => send(child, make(id)));
    if (answer.type === type) return answer as Extract<Answer, { type: T }>; // that has just been checked
    throw answer.type === 'profile-failed'
      ? runError(`a replica of ${arm} cannot be profiled: ${answer.message}`, 'run without --profile full')
      : runError(
          `a replica of ${arm} answered ${type} with ${answer.type}`,
          'this is a bug in Tollgate: please report it',
        );
  };
  return {
    arm,
    pid: child.pid ?? 0,
    // A process on another host has only a stand-in here.
    ...(options.launch === undefined ? { pids: () => processTree(child.pid ?? 0) } : {}),
    ...(behindPort === undefined ? {} : { behind: { host, port: behindPort } }),
    address: { host, port, ...(options.start.tls ? { certificate: options.start.tls.certificate } : {}) },
    telemetry: () => ask((id) => ({ type: 'telemetry', id }), 'telemetry'),
    startProfile: async (intervalMicros) =>
      void (await ask((id) => ({ type: 'profile-start', id, intervalMicros }), 'profile-started')),
    stopProfile: async () => {
      const { profile, edge } = await ask((id) => ({ type: 'profile-stop', id }), 'profile');
      return { profile, edge };
    },
    stop: async () => {
      stopping = true;
      // All its answers have arrived, so nothing is lost.
      if (behindPort !== undefined) await killEdge(child);
      await kill(child);
    },
  };
}

/**
 * Kills the edge of a replica, and with it the replica, which exits when its edge does. The edge's port is then free
 * for another one. A replica that hangs is killed later.
 */
async function killEdge(child: ProcessHandle): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  const timer = new AbortController();
  for (const pid of processTree(child.pid).slice(1)) signalIfAlive(pid, 'SIGKILL');
  await Promise.race([gone, delay(EDGE_ENDS_WITHIN_MS, null, { signal: timer.signal }).catch(() => {})]);
  timer.abort();
}

function send(child: ProcessHandle, message: ToReplica): void {
  // A dead child's channel is closed; its exit is reported by the exit event.
  child.send(message, () => {});
}

function hintFor(code: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'another process uses the port: stop it, or let Tollgate choose free ports';
    case 'REDIS_AUTH':
      return 'put the password into REDIS_URL, or unset it';
    default:
      return `${AS_IT_SAYS}; with REDIS_URL unset, Tollgate starts its own Redis`;
  }
}
