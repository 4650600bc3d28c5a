/** Where the programs that Tollgate does not bring along are: look-ups on the PATH, nothing is started. */
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

const REDIS_NAMES = ['redis-server', 'valkey-server'];
/** `chromium-browser` comes last: on Ubuntu it may be a stub that only asks for a snap. */
const CHROMIUM_NAMES = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];
/** macOS applications are not on the PATH. */
const CHROMIUM_APPLICATIONS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The first of `names` that is an executable file in a folder of `env.PATH`; earlier names win over earlier folders. */
export function findOnPath(names: readonly string[], env: Environment): string | null {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (isExecutable(path)) return path;
    }
  }
  return null;
}

/** The path of a Redis or Valkey server program, or null. `REDIS_URL` is not looked at: it names no program. */
export function findRedisServer(env: Environment): string | null {
  return findOnPath(REDIS_NAMES, env);
}

/** The path of a Chromium or Chrome, or null. `CHROMIUM_PATH` decides alone when it is set. */
export function findChromium(env: Environment): string | null {
  const chosen = env.CHROMIUM_PATH;
  if (chosen) return isExecutable(chosen) ? chosen : null;
  const found = findOnPath(CHROMIUM_NAMES, env);
  if (found !== null || process.platform !== 'darwin') return found;
  return CHROMIUM_APPLICATIONS.find(isExecutable) ?? null;
}

/** The path of the wrk load generator, or null. */
export function findWrk(env: Environment): string | null {
  return findOnPath(['wrk'], env);
}

/** The path of valgrind, or null. */
export function findValgrind(env: Environment): string | null {
  return findOnPath(['valgrind'], env);
}

/** Where Debian and Homebrew keep the programs of each version of PostgreSQL, off the PATH. */
const POSTGRES_VERSIONS = [
  { folder: '/usr/lib/postgresql', name: /^\d+$/ },
  { folder: '/opt/homebrew/opt', name: /^postgresql(@\d+)?$/ },
  { folder: '/usr/local/opt', name: /^postgresql(@\d+)?$/ },
];

/** The path of a PostgreSQL server program, the latest of several versions, or null. `initdb` lies beside it. */
export function findPostgres(env: Environment): string | null {
  const found = findOnPath(['postgres'], env);
  if (found !== null) return found;
  const paths = POSTGRES_VERSIONS.flatMap(({ folder, name }) =>
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

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
