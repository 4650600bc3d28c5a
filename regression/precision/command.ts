/** Runs a command of a build, by the script of its own package.json, because names differ between builds. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { StoreServer } from '../../bench/fleet/redis/store-server.ts';
import type { Janitor } from '../../bench/processes/janitor.ts';
import { messageOf, runError } from '../../core/errors.ts';
import { shellWord } from '../../core/text/shell.ts';

export interface Checkout {
  /** `head` or `base`, for messages. */
  readonly label: string;
  readonly directory: string;
  /** The Node that runs it. */
  readonly execPath: string;
  /** The folder for its compiled code; its own choice by default. */
  readonly compiled?: string;
}

export interface CommandOptions {
  readonly janitor: Pick<Janitor, 'watch'>;
  readonly signal: AbortSignal;
  /** It is killed after this time. */
  readonly withinSeconds: number;
  /** Added to its environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Receives its progress, line by line. */
  readonly onLine?: (line: string) => void;
}

/** An interrupted command stops in order; it is killed when that takes longer. */
const STOP_WITHIN_MS = 20_000;
const KEPT = 4_000;

/**
 * An environment in which every build finds this server as redis-server: older builds have no flag for that. A link
 * would not do, because a script started through it would look for its parts next to the link. @param directory a
 * folder for it is created there
 */
export function environmentWith({ path }: Pick<StoreServer, 'path'>, directory: string): NodeJS.ProcessEnv {
  const folder = join(directory, 'bin');
  mkdirSync(folder);
  writeFileSync(join(folder, 'redis-server'), `#!/bin/sh\nexec ${shellWord(path)} "$@"\n`, { mode: 0o755 });
  return { PATH: `${folder}${delimiter}${process.env.PATH ?? ''}` };
}

/** @returns the arguments for Node. @throws TollgateError if the build has no such command */
function scriptOf(checkout: Checkout, name: string): string[] {
  try {
    const manifest: { readonly scripts?: Record<string, string> } = JSON.parse(
      readFileSync(join(checkout.directory, 'package.json'), 'utf8'),
    );
    const [program, ...args] = (manifest.scripts?.[name] ?? '').split(' ');
    if (program === 'node' && args.length > 0) return args;
    throw new Error('package.json has no such script that Node runs');
  } catch (error) {
    throw runError(`${checkout.label} has no command ${name}: ${messageOf(error)}`, 'select other rows with --rows');
  }
}

const MESSAGE = /^tollgate: /;

/** @returns in one line, the command's error and hint, otherwise the last line of its output */
export function lastMessage(stderr: string): string {
  const lines = stderr.trimEnd().split('\n');
  const start = lines.findLastIndex((line) => MESSAGE.test(line));
  if (start === -1) return (lines.at(-1) ?? '').trim();
  const [message = '', ...advice] = lines.slice(start).map((line) => line.replace(MESSAGE, '').trim());
  return advice.length === 0 ? message : `${message} (${advice.join(' ')})`;
}

/**
 * Resolves with its output on stdout if it exits with 0 or 1: with 1 a limit was exceeded, and the results exist.
 * @throws TollgateError if it exits otherwise or takes too long; the signal's reason if interrupted, once it has
 * exited
 */
export function runCommand(
  checkout: Checkout,
  name: string,
  args: readonly string[],
  { janitor, signal, withinSeconds, env: added = {}, onLine }: CommandOptions,
): Promise<string> {
  signal.throwIfAborted();
  const script = scriptOf(checkout, name);
  return new Promise((resolve, reject) => {
    const { REDIS_URL: _, NODE_OPTIONS: __, ...env } = process.env;
    const child = spawn(checkout.execPath, [...script, ...args], {
      cwd: checkout.directory,
      // In a separate group, so that the terminal's Ctrl-C reaches it once, from here.
      detached: true,
      env: { ...env, ...added, NO_COLOR: '1', ...(checkout.compiled ? { NODE_COMPILE_CACHE: checkout.compiled } : {}) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    janitor.watch(child);
    const kill = () => void child.kill('SIGKILL');
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      kill();
    }, withinSeconds * 1000);
    let patience: NodeJS.Timeout | undefined;
    const interrupt = () => {
      child.kill('SIGINT');
      patience = setTimeout(kill, STOP_WITHIN_MS);
    };
    signal.addEventListener('abort', interrupt, { once: true });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-KEPT);
      const line = text.trim().split('\n').at(-1);
      if (line) onLine?.(line);
    });
    const failed = (reason: string) => {
      const told = lastMessage(stderr);
      return runError(
        `${checkout.label}: ${name} ${reason}${told === '' ? '' : `: ${told}`}`,
        `run it by hand in ${checkout.directory}`,
      );
    };
    child.once('error', (error) => reject(failed(messageOf(error))));
    child.once('close', (code, end) => {
      clearTimeout(late);
      clearTimeout(patience);
      signal.removeEventListener('abort', interrupt);
      if (signal.aborted) reject(signal.reason);
      else if (isLate) reject(failed(`did not end within ${withinSeconds} s`));
      else if (code === 0 || code === 1) resolve(stdout);
      else reject(failed(`ended with ${end ?? `exit code ${code}`}`));
    });
  });
}
