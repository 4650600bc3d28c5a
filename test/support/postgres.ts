/** A PostgreSQL cluster for one test: its files, and the command that starts it as a user who may run it. */
import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findPostgres } from '../../scripts/setup/find.ts';

export interface Cluster {
  /** `{{port}}` stands for its port, on loopback alone. */
  readonly command: readonly string[];
  /** Of a user without a password. */
  readonly url: string;
  remove(): void;
}

/** It refuses to run as root, so there the user of the package runs it. */
function asUser(): readonly string[] {
  return process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];
}

/** @throws Error where none is installed */
export function makeCluster(): Cluster {
  const server = findPostgres(process.env);
  if (server === null) throw new Error('no PostgreSQL server found: run npm run setup -- postgres');
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-test-postgres-'));
  if (process.getuid?.() === 0) {
    const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
    chownSync(folder, id('-u'), id('-g'));
  }
  const data = join(folder, 'data');
  const [program = '', ...args] = [
    ...asUser(),
    join(dirname(server), 'initdb'),
    '--pgdata',
    data,
    '--username=shop',
    '--auth=trust',
    '--no-sync',
    '--encoding=UTF8',
    '--locale=C',
  ];
  execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'shared_buffers=16MB'];
  return {
    command: [...asUser(), server, '-D', data, '-p', '{{port}}', ...settings.flatMap((setting) => ['-c', setting])],
    url: 'postgres://shop@127.0.0.1:{{port}}/template1',
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
