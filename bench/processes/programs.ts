/** Finds the external programs that Tollgate needs, without starting anything: setup and the measurement must agree. */
import { delimiter } from 'node:path';
import { findOnPath, isExecutable } from './executables.ts';

/** `chromium-browser` comes last: on Ubuntu it may be a stub that only suggests a snap. */
const CHROMIUM_NAMES = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];
/** macOS applications are not on the PATH. */
const CHROMIUM_APPLICATIONS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
/** OpenSSH's server is rarely on a user's PATH. */
const SSHD_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/** @returns the path of a Redis or Valkey server, or null. `REDIS_URL` is ignored, since it names no program */
export function findRedisServer(path?: string): string | null {
  return findOnPath(['redis-server', 'valkey-server'], path);
}

/** @returns the path of a Chromium or Chrome, or null. If `CHROMIUM_PATH` is set, nothing else counts. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | null {
  if (env.CHROMIUM_PATH) return isExecutable(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : null;
  const found = findOnPath(CHROMIUM_NAMES, env.PATH ?? '');
  if (found !== null || process.platform !== 'darwin') return found;
  return CHROMIUM_APPLICATIONS.find(isExecutable) ?? null;
}

/** @returns the path of the wrk load generator, or null */
export function findWrk(path?: string): string | null {
  return findOnPath(['wrk'], path);
}

/** @returns the path of valgrind, or null. Without `vgdb`, which comes with it, its counts cannot be read. */
export function findValgrind(path?: string): string | null {
  return findOnPath(['vgdb'], path) === null ? null : findOnPath(['valgrind'], path);
}

/** @returns the path of OpenSSH's server, or null */
export function findSshd(path = process.env.PATH ?? ''): string | null {
  return findOnPath(['sshd'], [path, ...SSHD_FOLDERS].join(delimiter));
}
