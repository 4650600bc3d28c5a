/** The packages that a build needs, according to its own lock file. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { killGroup } from '../../bench/processes/ending.ts';
import type { Janitor } from '../../bench/processes/janitor.ts';
import { environmentError, messageOf } from '../../core/errors.ts';
import { staleness } from './installed.ts';

/**
 * A short hash of the packages in a lock file, independent of the project's name and version. @returns null if there
 * is no lock file @throws Error if it is not JSON
 */
export function lockName(lockText: string): string {
  const lock: unknown = JSON.parse(lockText);
  const packages = typeof lock === 'object' && lock !== null && 'packages' in lock ? lock.packages : null;
  if (typeof packages !== 'object' || packages === null) throw new Error('it lists no packages');
  const { '': root, ...others } = packages as Record<string, Record<string, unknown>>;
  const asked = { dependencies: root?.dependencies, devDependencies: root?.devDependencies };
  return createHash('sha256')
    .update(JSON.stringify([asked, others]))
    .digest('hex')
    .slice(0, 16);
}

export interface Installer {
  /** Installs `node_modules` in a build's folder. @throws TollgateError (environment) if they cannot be installed */
  install(directory: string, label: string): Promise<void>;
}

/**
 * @param own a checkout with `node_modules` for every build with an identical lock file, which saves the installation
 */
export function createInstaller(own: string, janitor: Pick<Janitor, 'watch'>, signal: AbortSignal): Installer {
  const installed = new Map<string, string>();
  const seed = readLock(own);
  if (seed !== null && existsSync(join(own, 'node_modules')) && staleness(own) === null)
    installed.set(seed, join(own, 'node_modules'));
  return {
    async install(directory, label) {
      let name: string | null;
      try {
        name = readLock(directory);
      } catch (error) {
        throw cannotInstall(label, `package-lock.json: ${messageOf(error)}`);
      }
      if (name === null) throw cannotInstall(label, 'it has no package-lock.json');
      const there = installed.get(name);
      if (there !== undefined) {
        rmSync(join(directory, 'node_modules'), { recursive: true, force: true });
        symlinkSync(there, join(directory, 'node_modules'));
        return;
      }
      await npmCi(directory, label, janitor, signal);
      installed.set(name, join(directory, 'node_modules'));
    },
  };
}

function readLock(directory: string): string | null {
  const path = join(directory, 'package-lock.json');
  return existsSync(path) ? lockName(readFileSync(path, 'utf8')) : null;
}

function cannotInstall(label: string, reason: string): Error {
  return environmentError(
    `${label} cannot be installed: ${reason.slice(0, 300)}`,
    'run npm ci in that version by hand, or compare with a version that installs here',
  );
}

/**
 * Everything in the lock file, whatever the caller's environment omits (`NODE_ENV=production`,
 * `npm_config_ignore_scripts`): a build's own Node is a development dependency, which a script installs.
 */
const NPM_CI = ['ci', '--include=dev', '--ignore-scripts=false', '--no-audit', '--no-fund', '--loglevel', 'error'];

function npmCi(directory: string, label: string, janitor: Pick<Janitor, 'watch'>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', NPM_CI, {
      cwd: directory,
      stdio: ['ignore', 'ignore', 'pipe'],
      // Its own process group, so that the children of npm can be ended with it.
      detached: true,
    });
    janitor.watch(child);
    const interrupt = () => killGroup(child);
    signal.addEventListener('abort', interrupt, { once: true });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-8000);
    });
    child.once('error', (error) => reject(cannotInstall(label, messageOf(error))));
    child.once('close', (code) => {
      signal.removeEventListener('abort', interrupt);
      if (code === 0) resolve();
      else reject(cannotInstall(label, firstFault(said) ?? `npm ci ended with ${code}`));
    });
  });
}

/** The line of npm's output that gives the reason. */
export function firstFault(output: string): string | null {
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!)\s?/i, '').trim())
    .filter((line) => line !== '' && !/^(code|errno|syscall|path|usage:?)\b/i.test(line));
  return lines[0] ?? null;
}
