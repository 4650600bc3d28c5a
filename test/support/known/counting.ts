/** Starts counting servers, each as a separate process, and queries them. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Counts {
  readonly asked: number;
  /** By authorization header. */
  readonly users: Readonly<Record<string, number>>;
}

export interface Counting {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
  counts(): Promise<Counts>;
  /** Number of open connections. */
  connections(): Promise<number>;
  closeConnections(): Promise<void>;
}

export interface CountingPlan {
  readonly body?: string;
  readonly failEvery?: number;
  readonly garbleEvery?: number;
  readonly dieAt?: number;
  readonly delayMs?: number;
}

const started: ChildProcess[] = [];

export async function startCounting(plan: CountingPlan = {}): Promise<Counting> {
  const child = fork(fileURLToPath(new URL('./counting-server.ts', import.meta.url)), [], { execArgv: [] });
  started.push(child);
  child.send({ type: 'start', plan: { body: 'ok', failEvery: 0, garbleEvery: 0, ...plan } });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const ask = async (type: string) => {
    child.send({ type });
    const [answer] = await once(child, 'message');
    return answer;
  };
  return {
    child,
    pid: child.pid ?? 0,
    port,
    counts: () => ask('counts'),
    connections: () => ask('connections'),
    closeConnections: () => ask('close'),
  };
}

/** Stops all that were started since the last call. */
export async function stopCounting(): Promise<void> {
  await Promise.all(
    started.splice(0).map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }),
  );
}
