/** The session file shared by the replicas of a fleet. It needs no process, so it has no CPU time of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Companion, CompanionOptions } from './companion.ts';

export async function provideSqliteFile({ janitor }: Pick<CompanionOptions, 'janitor'>): Promise<Companion> {
  // Created with mode 0700, whatever the umask: it contains live sessions.
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-sqlite-'));
  janitor.watchDirectory(folder);
  return {
    kind: 'sqlite',
    pid: null,
    address: { url: pathToFileURL(join(folder, 'sessions.db')).href },
    async stop() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
