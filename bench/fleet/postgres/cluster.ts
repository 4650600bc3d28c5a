/** The files of a PostgreSQL server, and the user it runs as. */
import { execFile } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { environmentError, messageOf } from '../../../core/errors.ts';
import type { Janitor } from '../../processes/janitor.ts';
import { findPostgres } from './find.ts';

const run = promisify(execFile);
const COMMAND_MS = 60_000;

/** The user and group that PostgreSQL runs as, as options of `spawn`; empty for the current user. */
export interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * PostgreSQL refuses to run as root, so root runs it as the user `postgres`, which its package creates. @throws
 * TollgateError (environment) if there is no such user
 */
async function postgresOwner(): Promise<Owner> {
  if (process.getuid?.() !== 0) return {};
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'postgres'])));
    return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
  } catch {
    throw environmentError(
      'PostgreSQL refuses to run as root, and there is no user named postgres',
      'run Tollgate as another user, or install PostgreSQL from a package, which creates that user',
    );
  }
}

/** @throws TollgateError (environment) if none is installed */
export function postgresPath(): string {
  const server = findPostgres();
  if (server !== null) return server;
  throw environmentError(
    'no PostgreSQL server was found',
    'run npm run setup -- postgres, or omit the arms that store sessions in it',
  );
}

/** The settings of every throwaway server. They contain no secret, since they are arguments. */
export const THROWAWAY_SETTINGS: readonly string[] = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  // The files are deleted after the run in any case, so waiting for the disk has no benefit. Committed data still
  // survive the death of a process. With it, logins would measure this machine's disk.
  'fsync=off',
  // In a file of its folder, not in /dev/shm, where it would outlive a killed server.
  'dynamic_shared_memory_type=mmap',
];

export interface Cluster {
  readonly owner: Owner;
  /** The path of the server program. */
  readonly server: string;
  /** Its own folder, with mode 0700. */
  readonly folder: string;
  /** The files of a server that has never run. */
  readonly pristine: string;
  remove(): void;
}

export interface ClusterOptions {
  readonly janitor: Pick<Janitor, 'watchDirectory'>;
  readonly user: string;
  /** Null disables authentication. */
  readonly password: string | null;
}

/** @throws TollgateError (environment) if it is not installed, or cannot be created */
export async function makeCluster({ janitor, user, password }: ClusterOptions): Promise<Cluster> {
  const server = postgresPath();
  const owner = await postgresOwner();
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-postgres-'));
  janitor.watchDirectory(folder);
  const give = (path: string) => {
    if (owner.uid !== undefined && owner.gid !== undefined) chownSync(path, owner.uid, owner.gid);
  };
  const pristine = join(folder, 'pristine');
  const passwordFile = join(folder, 'password');
  try {
    give(folder);
    const auth = password === null ? ['--auth=trust'] : ['--auth=scram-sha-256', `--pwfile=${passwordFile}`];
    if (password !== null) {
      writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
      give(passwordFile);
    }
    const args = ['--pgdata', pristine, `--username=${user}`, '--no-sync', '--encoding=UTF8', '--locale=C', ...auth];
    const options = { ...owner, cwd: folder, timeout: COMMAND_MS, killSignal: 'SIGKILL' } as const;
    await run(join(dirname(server), 'initdb'), args, { ...options, env: environmentOfPostgres() });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    const [reason = ''] = /^initdb: .+$/m.exec(messageOf(error)) ?? [messageOf(error).split('\n')[0]];
    throw environmentError(
      `the files of PostgreSQL cannot be created: ${reason}`,
      `check that the user may write to ${tmpdir()}, and that the disk is not full`,
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
  return { owner, server, folder, pristine, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Only PATH of our environment. Messages are in English, because they are searched for known words. */
export function environmentOfPostgres(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C' };
}

/** Copies the files of a server that has never run. */
export async function freshData({ owner, folder, pristine }: Cluster, name: string): Promise<string> {
  const data = join(folder, name);
  await run('cp', ['-a', pristine, data], { ...owner, cwd: folder, timeout: COMMAND_MS, killSignal: 'SIGKILL' });
  return data;
}
