/** A PostgreSQL server process and its children, one per connection, each in a separate process group. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { AS_IT_SAYS, afterEnding, BUSY, runError, type TollgateError } from '../../../core/errors.ts';
import { deadline } from '../../processes/deadline.ts';
import { endOf, kill, signalIfAlive } from '../../processes/ending.ts';
import type { Janitor } from '../../processes/janitor.ts';
import { RELEASE, waitForRelease } from '../../processes/release.ts';
import { processTree } from '../../processes/trees/process-tree.ts';
import { type Cluster, environmentOfPostgres, THROWAWAY_SETTINGS } from './cluster.ts';

const START_TIMEOUT_MS = 20_000;
const QUIT_MS = 5_000;

/** Settings in addition to those of every such server. */
const SETTINGS = [
  // Eight connections for each of up to thirty replicas, and some for inspection.
  'max_connections=256',
  'shared_buffers=64MB',
  // Its log may appear in an error message, and must contain no session.
  'log_error_verbosity=terse',
  'log_min_error_statement=panic',
];

export interface PostgresServer {
  readonly pid: number;
  /** Freezes it and all its children. */
  freeze(): void;
  thaw(): void;
  /** Kills it, with every connection; its exit is expected. */
  kill(): Promise<void>;
}

export interface PostgresServerOptions {
  readonly janitor: Pick<Janitor, 'watch'>;
  readonly cluster: Pick<Cluster, 'owner' | 'server' | 'folder'>;
  readonly data: string;
  readonly port: number;
  /** Called once when it exits without having been killed. */
  readonly onDeath: (error: TollgateError) => void;
}

/** @throws TollgateError if it exits, or is not ready in time; nothing of it is then running */
export async function startPostgresServer(options: PostgresServerOptions): Promise<PostgresServer> {
  const { janitor, cluster, data, port, onDeath } = options;
  const settings = [...THROWAWAY_SETTINGS, ...SETTINGS].flatMap((setting) => ['-c', setting]);
  const [file, args] = waitForRelease([cluster.server, '-D', data, '-p', String(port), ...settings]);
  const child = spawn(file, args, {
    ...cluster.owner,
    cwd: cluster.folder,
    detached: true,
    env: environmentOfPostgres(),
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  janitor.watch(child);
  child.stdin.on('error', () => {});
  child.stdin.end(RELEASE);
  let isExpected = false;
  try {
    await ready(child);
  } catch (error) {
    isExpected = true;
    throw await afterEnding(error, () => kill(child));
  }
  child.once('exit', (code, signal) => {
    if (isExpected) return;
    const message = `PostgreSQL (process ${child.pid}) ended with ${endOf(code, signal)}`;
    onDeath(runError(message, 'what was measured so far is kept; continue with --resume'));
  });
  const pid = child.pid ?? 0;
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const freeze = () => {
    if (hasEnded()) return;
    // First, so that it starts no others meanwhile.
    child.kill('SIGSTOP');
    for (const each of processTree(pid).slice(1)) signalIfAlive(each, 'SIGSTOP');
  };
  const thaw = () => {
    if (!hasEnded()) for (const each of processTree(pid).toReversed()) signalIfAlive(each, 'SIGCONT');
  };
  return {
    pid,
    freeze,
    thaw,
    async kill() {
      isExpected = true;
      if (hasEnded()) return;
      const exit = once(child, 'exit');
      thaw();
      // An immediate shutdown saves nothing and breaks every connection, but unlike SIGKILL it frees the shared
      // memory.
      child.kill('SIGQUIT');
      await Promise.race([exit, sleep(QUIT_MS, undefined, { ref: false })]);
      if (hasEnded()) return;
      freeze();
      for (const each of processTree(pid).slice(1)) signalIfAlive(each, 'SIGKILL');
      await kill(child);
    },
  };
}

const HINT = `${AS_IT_SAYS}, or omit the arms that store sessions in it`;

/** Resolves when the server says that it is ready. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const inTime = deadline(START_TIMEOUT_MS, () => {
      const message = `PostgreSQL was not ready within ${START_TIMEOUT_MS / 1000} s`;
      reject(runError(message, BUSY));
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      // Later output is read and discarded, so that the process never blocks on it.
      if (output.length < 20_000) output += text;
      if (!/ready to accept connections/.test(output)) return;
      inTime();
      resolve();
    });
    const failed = (reason: string) => {
      inTime();
      reject(runError(`PostgreSQL cannot start: ${reason.slice(0, 200)}`, HINT));
    };
    child.once('error', (error) => failed(error.message));
    child.once('exit', (code, name) => {
      failed(/FATAL: .*$/m.exec(output)?.[0] ?? output.trim().split('\n').at(-1) ?? endOf(code, name));
    });
  });
}
