/** Faults of a Redis server started by Tollgate: it can be frozen, killed, and restarted with or without its data. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { runError } from '../../../core/errors.ts';
import { kill } from '../../processes/ending.ts';

export interface RedisFaults {
  /** Stops answering clients, but keeps every connection open. */
  freeze(): void;
  thaw(): void;
  /** Writes its data to a file in the run's own directory. */
  save(): Promise<void>;
  /** Kills it: every connection breaks, and new ones are refused. */
  kill(): Promise<void>;
  /**
   * Restarts it on the same port with the same password, empty or with the data of `save`. Resolves when it is ready.
   * @throws TollgateError if it does not start
   */
  restart(how: 'empty' | 'with-data'): Promise<void>;
}

/** Successive server processes on the same port. */
export interface ServerProcess {
  child: ChildProcess;
  readonly port: number;
}

/** Redis's default name for the file of `SAVE`. */
const DUMP_FILE = 'dump.rdb';

export interface RedisFaultParts {
  /** Its `child` is replaced at each restart. */
  readonly server: ServerProcess;
  readonly directory: string;
  /** Observes the server; reconnects after a restart. */
  readonly client: Redis;
  readonly start: (port: number) => Promise<{ readonly child: ChildProcess }>;
}

export function redisFaults({ server, directory, client, start }: RedisFaultParts): RedisFaults {
  return {
    freeze: () => void server.child.kill('SIGSTOP'),
    thaw: () => void server.child.kill('SIGCONT'),
    save: async () => {
      await client.save();
    },
    async kill() {
      const { child } = server;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const disconnected = client.status === 'end' ? null : once(client, 'end');
      await Promise.all([kill(child), disconnected]);
    },
    async restart(how) {
      if (server.child.exitCode === null && server.child.signalCode === null) {
        throw runError('Redis cannot be restarted while it runs', 'this is a bug in Tollgate: please report it');
      }
      if (how === 'empty') rmSync(join(directory, DUMP_FILE), { force: true });
      server.child = (await start(server.port)).child;
      await client.connect();
    },
  };
}
