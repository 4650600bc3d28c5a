/** Asks npm for one version of one package, and runs it in a build's folder. */
import { spawn } from 'node:child_process';
import { killGroup } from '../../bench/processes/ending.ts';
import type { Janitor } from '../../bench/processes/janitor.ts';
import { environmentError, messageOf } from '../../core/errors.ts';

export interface NpmOptions {
  readonly cwd: string;
  readonly janitor: Pick<Janitor, 'watch'>;
  readonly signal: AbortSignal;
}

/** A generous limit for slow registries. */
const WITHIN_MS = 300_000;

/**
 * @returns its exit, and its output @throws TollgateError (environment) if there is no npm, or it takes too long; the
 * signal's reason if interrupted
 */
export function npm(
  args: readonly string[],
  { cwd, janitor, signal }: NpmOptions,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    // Its own process group, so that the children of npm can be ended with it.
    const child = spawn('npm', [...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    janitor.watch(child);
    const end = () => killGroup(child);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      end();
    }, WITHIN_MS);
    signal.addEventListener('abort', end, { once: true });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] = (said[stream] + text).slice(-8000);
      });
    }
    const settle = (done: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      done();
    };
    child.once('error', (error) =>
      settle(() =>
        reject(environmentError(`npm cannot be started: ${messageOf(error)}`, 'install it, or put it on the PATH')),
      ),
    );
    child.once('close', (code) =>
      settle(() => {
        if (signal.aborted) reject(signal.reason);
        else if (isLate) {
          reject(
            environmentError(
              `npm ${args[0]} took more than ${WITHIN_MS / 60_000} minutes`,
              'check that the registry can be reached, and run it again',
            ),
          );
        } else resolve({ code, ...said });
      }),
    );
  });
}

/**
 * @returns null if the registry has this version; otherwise the reason in words @throws TollgateError (environment)
 * if it cannot be reached
 */
export async function missingVersion(name: string, version: string, options: NpmOptions): Promise<string | null> {
  const asked = await npm(['view', `${name}@${version}`, 'version', '--json'], options);
  if (asked.code === 0) return asked.stdout.includes(`"${version}"`) ? null : `${name} has no version ${version}`;
  if (/E404|No match(ing version)? found|ETARGET/i.test(asked.stderr + asked.stdout)) {
    return `${name} has no version ${version}`;
  }
  const [reason = `it ended with ${asked.code}`] = asked.stderr
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!)\s?/i, '').trim())
    .filter((line) => line !== '' && !/^code\b/i.test(line));
  throw environmentError(
    `npm cannot be asked for ${name}@${version}: ${reason}`,
    'check that the registry can be reached, and run it again',
  );
}
