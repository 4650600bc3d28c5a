import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import type { Companion } from '../../bench/fleet/companions/companion.ts';
import { startPostgres } from '../../bench/fleet/companions/postgres.ts';
import { Janitor } from '../../bench/processes/janitor.ts';
import { thenEnding } from '../../core/errors.ts';
import { descendants, stillAlive, until } from '../support/bench-process.ts';

/** The command lines of its main process and of its children. */
const commandOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');

it('exposes no password, and leaves nothing behind if the run dies while it is frozen', async () => {
  const janitor = await Janitor.start();
  let database: Companion | undefined;
  await thenEnding(
    async () => {
      database = await startPostgres({ janitor, onDeath: () => {} });
      const pid = database.pid ?? 0;
      const { password } = new URL(database.address.url);
      expect(password).toMatch(/^[\w-]{32}$/);
      const command = commandOf(pid);
      const all = descendants(pid);
      expect(all.length).toBeGreaterThan(3);
      for (const line of [command.join(' '), ...all.map((entry) => entry.command)])
        expect(line).not.toContain(password);
      expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).not.toContain(password);
      const folder = dirname(command[command.indexOf('-D') + 1] ?? '');
      expect(folder).toMatch(/tollgate-postgres-\w+$/);
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      expect(existsSync(`${folder}/password`)).toBe(false);

      // A killed server leaves only a few bytes of shared memory, which this file names.
      const memory = readFileSync(`${command[command.indexOf('-D') + 1]}/postmaster.pid`, 'utf8').split('\n')[6];

      database.faults?.freeze();
      await janitor.finish();
      await until('every process of the database was gone', () => stillAlive(all).length === 0);
      expect(existsSync(folder)).toBe(false);
      execFileSync('ipcrm', ['-m', memory?.trim().split(/\s+/)[1] ?? '']);
    },
    () => database?.stop(),
    () => janitor.finish(),
  );
});
