/** Runs commands quietly, and allows only one setup per user to install at a time. */
import { spawn } from 'node:child_process';
import { lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from './plan.ts';

export interface Outcome {
  readonly ok: boolean;
  /** Standard output and error together; only the end if it is long. */
  readonly output: string;
}

const OUTPUT_LIMIT_CHARS = 64 * 1024;

/**
 * Runs a command without a terminal and collects its output. Resolves when the command itself has ended, even if a
 * grandchild keeps its output open. On abort, or after `limitMs`, it receives SIGTERM. Never rejects.
 */
export function runQuietly(
  command: Command,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  limitMs: number,
): Promise<Outcome> {
  return new Promise((resolve) => {
    let output = '';
    const keep = (text: string): void => {
      output = (output + text).slice(-OUTPUT_LIMIT_CHARS);
    };
    if (signal.aborted) return resolve({ ok: false, output });
    // Not in its own process group: Ctrl-C must also reach processes that run as root behind sudo, which only the
    // terminal may signal.
    const child = spawn(command.program, command.args, {
      env: { ...env, ...command.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limitMs,
    });
    const stop = (): void => {
      child.kill('SIGTERM');
    };
    signal.addEventListener('abort', stop, { once: true });
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    let settled = false;
    const settle = (ok: boolean): void => {
      if (settled) return;
      settled = true;
      signal.removeEventListener('abort', stop);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ ok, output: output.trimEnd() });
    };
    child.once('error', (error) => {
      keep(`${command.program}: ${error.message}\n`);
      settle(false);
    });
    child.once('close', (code) => settle(code === 0));
    child.once('exit', (code, ended) => {
      if (ended !== null) keep(`${command.program} was ended by ${ended}\n`);
      // Pending output is read first; a grandchild that keeps the pipes open is not waited for.
      setTimeout(() => settle(code === 0), 200).unref();
    });
  });
}

const LOCK_WAIT_MS = 10 * 60_000;
const LOCK_POLL_MS = 200;

/**
 * Runs `body` while holding the lock file at `path`, which contains its owner's process id. A lock whose owner is
 * gone is taken over. After ten minutes the wait is given up and `body` runs anyway: package managers have their own
 * locks, and this one only spares the second setup a needless install.
 */
export async function withLock<T>(path: string, signal: AbortSignal, body: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + LOCK_WAIT_MS;
  let held = false;
  while (!signal.aborted && performance.now() < deadline) {
    held = tryLock(path);
    if (held || isForeign(path)) break;
    await delay(LOCK_POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  try {
    return await body();
  } finally {
    if (held) rmSync(path, { force: true });
  }
}

function tryLock(path: string): boolean {
  try {
    // `wx` neither overwrites a file nor follows a link that another user put there.
    writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 });
    return true;
  } catch {
    if (!isForeign(path) && !holderLives(path)) rmSync(path, { force: true });
    return false;
  }
}

/**
 * The folder for temporary files is shared: an entry may be another user's file, a link, or a pipe that would block.
 */
function isForeign(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && !(found.isFile() && found.uid === process.getuid?.());
}

function holderLives(path: string): boolean {
  try {
    const text = readFileSync(path, 'utf8');
    // Empty: its owner has just created the file and is about to write.
    if (text === '') return true;
    process.kill(Number(text), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
