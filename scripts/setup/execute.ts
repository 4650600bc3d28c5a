/** Runs commands quietly, and lets only one setup of a user install at a time. */
import { spawn } from 'node:child_process';
import { lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from './plan.ts';

export interface Outcome {
  readonly ok: boolean;
  /** Standard output and error together; the end of it, when it is long. */
  readonly output: string;
}

const OUTPUT_LIMIT_CHARS = 64 * 1024;

/**
 * Runs a command without a terminal and gathers what it says. Ends when the command itself has ended, even where a
 * grandchild keeps its output open. Aborting, or `limitMs` passing, sends it SIGTERM. Never rejects.
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
    // Not a process group of its own: Ctrl-C must also reach what runs as root behind sudo, which only the terminal may signal.
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
      // What is already in the pipes is read first; a grandchild that holds them open is not waited for.
      setTimeout(() => settle(code === 0), 200).unref();
    });
  });
}

const LOCK_WAIT_MS = 10 * 60_000;
const LOCK_POLL_MS = 200;

/**
 * Runs `body` while holding the lock file at `path`, which names its holder's process id. A lock whose holder is gone
 * is taken over. After ten minutes the wait is given up and `body` runs anyway: package managers have locks of their
 * own, this one only spares the second setup a needless install.
 */
export async function withLock<T>(path: string, signal: AbortSignal, body: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + LOCK_WAIT_MS;
  let held = false;
  while (!signal.aborted && Date.now() < deadline) {
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
    // `wx` neither overwrites a file nor follows a link that someone else put there.
    writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 });
    return true;
  } catch {
    if (!isForeign(path) && !holderLives(path)) rmSync(path, { force: true });
    return false;
  }
}

/** The folder for temporary files is everybody's: what stands there may be another user's, a link, or a pipe to wait at. */
function isForeign(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && !(found.isFile() && found.uid === process.getuid?.());
}

function holderLives(path: string): boolean {
  try {
    const text = readFileSync(path, 'utf8');
    // Empty: its holder has made the file and is about to write.
    if (text === '') return true;
    process.kill(Number(text), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
