/** Locates the external programs that Tollgate needs on the PATH, without starting anything. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

const REDIS_NAMES = ['redis-server', 'valkey-server'];
/** `chromium-browser` comes last: on Ubuntu it may be a stub that only suggests a snap. */
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

/** The path of a Redis or Valkey server program, or null. Ignores `REDIS_URL`, which names no program. */
export function findRedisServer(env: Environment): string | null {
  return findOnPath(REDIS_NAMES, env);
}

/** The path of a Chromium or Chrome, or null. If `CHROMIUM_PATH` is set, it alone decides. */
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

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The path of OpenSSH's server, which is rarely on a user's PATH, or null. */
export function findSshd(env: Environment): string | null {
  return findOnPath(['sshd'], { PATH: `${env.PATH ?? ''}:/usr/sbin:/usr/local/sbin` });
}
