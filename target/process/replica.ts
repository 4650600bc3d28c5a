/** One replica of a service: a command in a separate process group, on a port that is passed to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { call, type Endpoint } from '../../bench/gate/http.ts';
import { ClosedError } from '../../bench/load/connection/connection.ts';
import { ProtocolError } from '../../bench/load/connection/response.ts';
import type { CpuAccounts } from '../../bench/processes/accounts.ts';
import { endOf } from '../../bench/processes/ending.ts';
import type { Janitor } from '../../bench/processes/janitor.ts';
import { RELEASE, waitForRelease } from '../../bench/processes/release.ts';
import { afterEnding, messageOf, runError, type TollgateError } from '../../core/errors.ts';
import { type Launch, onPort } from '../config/launch.ts';
import type { StoreKind } from '../config/schema.ts';
import { listeningAt } from '../flow/listening.ts';
import { CommandGroup } from './group.ts';
import { BoundedOutput } from './output.ts';
import { pinned } from './pin.ts';

export interface ReplicaStart {
  /** Its name in errors, such as `replica 1 of shop`. */
  readonly label: string;
  /** The part of the configuration that defines how to start it. */
  readonly part: string;
  readonly launch: Launch;
  /** URLs of the stores that its environment refers to. */
  readonly urls: ReadonlyMap<StoreKind, string>;
  readonly port: number;
  /** The trusted certificate in PEM, or `pinned` for whichever it shows first; null for plain HTTP. */
  readonly tls: { readonly certificate: string } | 'pinned' | null;
  /** Texts that are never shown, even if the service prints them. */
  readonly secrets: readonly string[];
  readonly janitor: Pick<Janitor, 'watch'>;
  /**
   * Accounts for the CPU time of the command and everything that it starts; null if the system has no such accounts.
   */
  readonly accounts: Pick<CpuAccounts, 'add'> | null;
  readonly signal: AbortSignal;
  /** Called once if it ends without having been stopped. */
  readonly onDeath: (error: TollgateError) => void;
}

export interface StartedReplica {
  readonly pid: number;
  readonly endpoint: Endpoint;
  /** The end of its output. */
  output(): string;
  /** @returns false if it ignored SIGTERM and was killed */
  stop(): Promise<boolean>;
  /** Kills it. */
  kill(): Promise<void>;
  /** Sends a signal to it and all processes that it started. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
}

/** The address on which the port of a replica was free. */
export const RESERVED = '127.0.0.1';
/** The other address of `localhost`: a replica may listen there alone, but so may another process. */
const OTHER = '::1';
const POLL_MS = 50;
const PROBE_MS = 2_000;

/** Of the caller's environment a service gets only what it needs to start, and what its configuration names. */
function environmentOf(own: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, LANG } = process.env;
  const kept = Object.entries({ PATH, HOME, TMPDIR, LANG }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(kept), ...own };
}

/** @throws {TollgateError} if it ends, is not ready in time, or listens elsewhere; all its processes are then gone */
export async function startReplica(options: ReplicaStart): Promise<StartedReplica> {
  const { label, launch, port, janitor, accounts, tls } = options;
  const { command, environment } = onPort(launch, port, options.urls);
  // It is released once the janitor knows it and its control group is set, so that no descendant escapes them.
  const [file, args] = waitForRelease(command);
  const child = spawn(file, args, {
    cwd: launch.directory,
    env: environmentOf(environment),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  janitor.watch(child);
  const output = new BoundedOutput(options.secrets);
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => output.add(text));
  const pid = child.pid;
  if (pid === undefined)
    throw runError(`${label} cannot be started: ${await spawnFault(child)}`, `see ${options.part}.command`);
  accounts?.add(pid);
  const group = new CommandGroup(pid);
  const life = new Life(child, options, output);
  child.stdin?.on('error', () => {});
  child.stdin?.end(RELEASE);

  let endpoint: Endpoint = {
    host: RESERVED,
    port,
    certificate: typeof tls === 'object' ? (tls?.certificate ?? null) : null,
  };
  const stop = () => {
    life.stopping = true;
    return group.end(launch.stopWithinMs);
  };
  const kill = async () => {
    life.stopping = true;
    await group.end(0);
  };
  try {
    endpoint = await untilReady(options, endpoint, life, group, output);
  } catch (error) {
    throw await afterEnding(error, stop);
  }
  life.onDeath = options.onDeath;
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => group.signal(name);
  return { pid, endpoint, output: () => output.text, stop, kill, signal };
}

function spawnFault(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => child.once('error', (error) => resolve(messageOf(error))));
}

/** Whether the command runs, and how it ended. */
class Life {
  /** Null while it runs. */
  death: TollgateError | null = null;
  stopping = false;
  onDeath: (error: TollgateError) => void = () => {};

  constructor(child: ChildProcess, { label, part }: ReplicaStart, output: BoundedOutput) {
    // Emitted after the last of its output.
    child.once('close', (code, signal) => {
      this.death = runError(
        `${label} ended with ${endOf(code, signal)}${output.lastWords()}`,
        code === 127 || code === 126
          ? `${part}.command cannot be run`
          : 'see its last lines of output, or start it by hand to see more',
      );
      if (!this.stopping) this.onDeath(this.death);
    });
  }
}

/** @returns the endpoint of the replica */
async function untilReady(
  { label, part, launch, tls, signal }: ReplicaStart,
  plain: Endpoint,
  life: Life,
  group: CommandGroup,
  output: BoundedOutput,
): Promise<Endpoint> {
  const untilMs = performance.now() + launch.readyWithinMs;
  for (;;) {
    let seen = `nothing listens on port ${plain.port}`;
    for (const host of [RESERVED, OTHER]) {
      const at = { ...plain, host };
      const found = await listeningAt(host, plain.port, PROBE_MS);
      if (found === 'no') continue;
      if (host === OTHER && !group.ports().includes(plain.port)) {
        seen = `another process listens on port ${plain.port} of ${OTHER}`;
        continue;
      }
      const { endpoint, fault } = found === 'late' ? lateAt(at) : await probe(at, tls, launch);
      if (life.death !== null) throw life.death;
      if (fault === null) return endpoint;
      seen = fault;
      // What listens on 127.0.0.1 is the replica: its port was free there.
      break;
    }
    if (life.death !== null) throw life.death;
    signal.throwIfAborted();
    if (performance.now() > untilMs) {
      const ports = group.ports().filter((port) => port !== plain.port);
      throw runError(
        `${label} was not ready within ${launch.readyWithinMs / 1000} s: ${seen}${output.lastWords()}`,
        ports.length > 0
          ? `it listens on port ${ports.join(' and ')}: make it use the variable PORT, or put {{port}} into ${part}.command`
          : `raise ${part}.readyWithinSeconds, or correct ${part}.${part === 'start' ? 'ready' : 'command'}`,
      );
    }
    await sleep(POLL_MS);
  }
}

interface Probed {
  readonly endpoint: Endpoint;
  /** Why it is not ready; null if it is. */
  readonly fault: string | null;
}

const lateAt = (endpoint: Endpoint): Probed => ({ endpoint, fault: `port ${endpoint.port} does not answer` });

/** @param plain where something listens */
async function probe(plain: Endpoint, tls: ReplicaStart['tls'], { ready }: Launch): Promise<Probed> {
  let endpoint = plain;
  try {
    if (tls === 'pinned') endpoint = await pinned(plain);
  } catch (error) {
    return { endpoint, fault: messageOf(error) };
  }
  if (ready === null) return { endpoint, fault: null };
  try {
    const { status } = await call(endpoint, { method: 'GET', path: ready.path }, PROBE_MS);
    const isReady = status === ready.status;
    return { endpoint, fault: isReady ? null : `${ready.path} returned ${status}, not ${ready.status}` };
  } catch (error) {
    const isAnswered = error instanceof ClosedError || error instanceof ProtocolError;
    return {
      endpoint,
      fault: isAnswered ? `${ready.path}: ${messageOf(error)}` : `nothing responds on port ${endpoint.port}`,
    };
  }
}
