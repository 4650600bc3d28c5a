/** A process with threads that burn CPU time by their own clock and end. Node runs it from text, so it has no modules. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const PROGRAM = `
const { Worker } = require('node:worker_threads');
const burner = \`
  const { workerData } = require('node:worker_threads');
  const spent = () => { const { user, system } = process.threadCpuUsage(); return user + system; };
  while (spent() < workerData) for (let i = 0; i < 1e4; i++);
\`;
let flurry = null;
const start = (micros) => new Promise((ended) => new Worker(burner, { eval: true, workerData: micros }).once('exit', ended));
process.on('message', async ({ burnInThread, burn, hurry }) => {
  if (burnInThread) await start(burnInThread);
  if (hurry !== undefined) { clearInterval(flurry); flurry = hurry ? setInterval(() => void start(500), 2) : null; }
  if (burn) {
    const before = process.cpuUsage();
    for (let left = burn; left > 0; ) {
      const { user, system } = process.cpuUsage(before);
      left = burn - user - system;
    }
  }
  const { user, system } = process.cpuUsage();
  process.send(user + system);
});
process.on('disconnect', () => process.exit());
process.send('ready');
`;

export interface ThreadedProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** @returns µs by the process's own account, once the work is done */
  ask(what: {
    /** µs for a new thread to burn before it ends. */
    readonly burnInThread?: number;
    /** µs for the main thread to burn. */
    readonly burn?: number;
    /** Whether threads start and end continuously from now on. */
    readonly hurry?: boolean;
  }): Promise<number>;
  stop(): Promise<void>;
}

export async function startThreads(): Promise<ThreadedProcess> {
  const child = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(child, 'message');
  return {
    child,
    pid: child.pid ?? 0,
    async ask(what) {
      child.send(what);
      const [micros] = await once(child, 'message');
      return micros as number;
    },
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
