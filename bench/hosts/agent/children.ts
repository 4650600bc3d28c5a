/** The processes of a run on this host: started, messaged and ended on behalf of the coordinator. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { serverEnvironment } from '../../fleet/replica.ts';
import { monotonicMs } from '../../load/open/alarm-clock.ts';
import type { CpuAccounts } from '../../processes/accounts.ts';
import type { Janitor } from '../../processes/janitor.ts';
import type { Handlers, RequestOf } from '../../processes/rpc.ts';
import type { AGENT, ProcessNote, Program } from './protocol.ts';

const MODULES: Readonly<Record<Program, URL>> = {
  replica: new URL('../../../servers/process/replica.ts', import.meta.url),
  balancer: new URL('../../fleet/balancer/process.ts', import.meta.url),
  load: new URL('../../load/process.ts', import.meta.url),
  open: new URL('../../load/open/process.ts', import.meta.url),
  hiccup: new URL('../../hiccup/process.ts', import.meta.url),
};

/** The replicas listen at the address that `hosts.json` names, and use the Redis of another host. */
const REMOTE = { TOLLGATE_ALLOW_REMOTE: '1' };

export class Children {
  readonly #janitor: Janitor;
  readonly #accounts: CpuAccounts | null;
  readonly #running = new Map<number, ChildProcess>();

  constructor(janitor: Janitor, accounts: CpuAccounts | null) {
    this.#janitor = janitor;
    this.#accounts = accounts;
  }

  readonly handlers: Pick<Handlers<typeof AGENT>, 'run' | 'send' | 'kill'> = {
    run: (request, note) => this.#run(request, note),
    send: ({ process: number, message, atMs }) => {
      const deliver = () => void this.#running.get(number)?.send(message as object, () => {});
      const inMs = atMs === undefined ? 0 : atMs - monotonicMs();
      if (inMs > 0) setTimeout(deliver, inMs);
      else deliver();
      return null;
    },
    kill: ({ process: number, signal }) => {
      this.#running.get(number)?.kill(signal);
      return null;
    },
  };

  #run(
    { process: number, program, nodeFlags }: RequestOf<typeof AGENT, 'run'>,
    note: (note: ProcessNote) => void,
  ): Promise<{ code: number | null; signal: string | null }> {
    const child = fork(fileURLToPath(MODULES[program]), [], {
      detached: true,
      env: { ...serverEnvironment(), ...REMOTE },
      execArgv: [...nodeFlags],
      serialization: 'json',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#janitor.watch(child);
    this.#running.set(number, child);
    child.on('message', (message: unknown) => note({ message }));
    child.stderr?.setEncoding('utf8').on('data', (stderr: string) => note({ stderr }));
    return new Promise((resolve, reject) => {
      child.once('spawn', () => {
        if (child.pid === undefined) return;
        this.#accounts?.add(child.pid);
        note({ pid: child.pid });
      });
      child.once('error', reject);
      child.once('close', (code, signal) => {
        this.#running.delete(number);
        this.#accounts?.sweep();
        resolve({ code, signal });
      });
    });
  }
}
