/** Finds PostgreSQL, without starting anything. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath, isExecutable } from '../../processes/executables.ts';

/** Where Debian and Homebrew keep the programs of each version of PostgreSQL, off the PATH. */
const VERSIONS = [
  { folder: '/usr/lib/postgresql', name: /^\d+$/ },
  { folder: '/opt/homebrew/opt', name: /^postgresql(@\d+)?$/ },
  { folder: '/usr/local/opt', name: /^postgresql(@\d+)?$/ },
];

/** The path of a PostgreSQL server program, the latest of several versions, or null. `initdb` lies beside it. */
export function findPostgres(path = process.env.PATH ?? ''): string | null {
  const found = findOnPath(['postgres'], path);
  if (found !== null) return found;
  const paths = VERSIONS.flatMap(({ folder, name }) =>
    namesIn(folder)
      .filter((version) => name.test(version))
      .toSorted((a, b) => Number(b.replace(/\D/g, '')) - Number(a.replace(/\D/g, '')))
      .map((version) => join(folder, version, 'bin/postgres')),
  );
  return paths.find(isExecutable) ?? null;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
