/** Runs the real command line as a process, and finds the processes that it leaves. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testJanitor } from './janitor.ts';

const CLI = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export interface BenchProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

/**
 * @param env changes to our environment; undefined removes a variable
 *
 * @param cli another checkout's command line
 */
export function startBench(
  args: readonly string[],
  env: Record<string, string | undefined> = {},
  cwd?: string,
  cli = CLI,
): BenchProcess {
  const merged: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1', ...env };
  // Vitest's own settings must not reach the measured processes.
  for (const name of ['REDIS_URL', 'NODE_OPTIONS', 'VITEST', 'NODE_ENV']) if (!(name in env)) delete merged[name];
  for (const [name, value] of Object.entries(env)) if (value === undefined) delete merged[name];
  const child = spawn(process.execPath, [cli, ...args], {
    env: merged,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd ? { cwd } : {}),
  });
  void testJanitor().then((janitor) => janitor.watch(child));
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, ended };
}

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function processes(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const command = readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ');
        return state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent), command }];
      } catch {
        return [];
      }
    });
}

/** All living descendants of `pid`. */
export function descendants(pid: number): ProcessEntry[] {
  const all = processes();
  const found: ProcessEntry[] = [];
  const below = new Set([pid]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const entry of all) {
      if (below.has(entry.pid) || !below.has(entry.parent)) continue;
      below.add(entry.pid);
      found.push(entry);
      grown = true;
    }
  }
  return found;
}

/** Those of these processes that are still alive. */
export function stillAlive(entries: readonly ProcessEntry[]): ProcessEntry[] {
  const now = new Map(processes().map((entry) => [entry.pid, entry.command]));
  return entries.filter(({ pid, command }) => now.get(pid) === command);
}

/**
 * Waits for an external condition that emits no event.
 *
 * @param withinMs long, because a start may take many times as long on a shared machine
 */
export async function until<T>(what: string, look: () => T | null | undefined | false, withinMs = 200_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const startMs = performance.now();
    const found = look();
    if (found) return found;
    const endMs = performance.now();
    if (endMs > deadline) throw new Error(`waited ${withinMs} ms in vain until ${what}`);
    // Reading all processes or a long journal takes milliseconds; polling must not slow down what it waits for.
    await new Promise((resolve) => setTimeout(resolve, Math.min(500, Math.max(20, 10 * (endMs - startMs)))));
  }
}

/** Lines of one kind in the journal of a run so far. */
export function journalLines(directory: string, kind: string): Record<string, unknown>[] {
  const path = join(directory, 'journal.jsonl');
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line.kind === kind);
}
