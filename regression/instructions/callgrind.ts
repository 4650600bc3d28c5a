/**
 * Runs a server under valgrind's callgrind, which counts executed instructions. Counts are reproducible where times
 * vary with the machine. vgdb, which comes with valgrind, reads them from the running server.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ReplicaOptions } from '../../bench/fleet/replica.ts';
import type { Janitor } from '../../bench/processes/janitor.ts';
import { findValgrind } from '../../bench/processes/programs.ts';
import { environmentError, messageOf, runError } from '../../core/errors.ts';

/**
 * Interpreted code in the same order, with equal seeds and on one thread, executes the same instructions each time.
 * The new space is large enough to avoid garbage collections while instructions are counted.
 */
const DETERMINISTIC = [
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--predictable',
  '--hash-seed=1',
  '--single-threaded',
  '--min-semi-space-size=64',
  '--max-semi-space-size=64',
];
/** A start takes some 20 s under valgrind on an idle machine. */
const START_TIMEOUT_MS = 300_000;
const ASK_TIMEOUT_MS = 120_000;

const INSTALL_HINT = 'run npm run setup -- valgrind (Debian: apt-get install valgrind), or omit --instructions';

/** @throws TollgateError (environment) if valgrind or its vgdb is missing */
export function valgrindPath(): string {
  const valgrind = findValgrind();
  if (valgrind !== null) return valgrind;
  throw environmentError('--instructions needs valgrind with its vgdb, which is not installed', INSTALL_HINT);
}

export interface Callgrind {
  /** What makes the Node of a build run its server under callgrind. */
  readonly program: Pick<ReplicaOptions, 'under' | 'execArgv' | 'startTimeoutMs' | 'env'>;
  /** Starts counting: a start is not counted, which also makes it several times faster. */
  begin(pid: number): Promise<void>;
  /** @returns the number of instructions since the last call @throws TollgateError */
  take(pid: number): Promise<number>;
  close(): void;
}

/** @throws TollgateError (environment) if valgrind is missing */
export function openCallgrind(janitor: Pick<Janitor, 'watchDirectory'>, signal: AbortSignal): Callgrind {
  const valgrind = valgrindPath();
  const directory = mkdtempSync(join(tmpdir(), 'tollgate-callgrind-'));
  janitor.watchDirectory(directory);
  const prefix = `--vgdb-prefix=${join(directory, 'vgdb')}`;
  const file = join(directory, 'out');
  let dumps = 0;
  const ask = async (pid: number, command: readonly string[]) => {
    try {
      await promisify(execFile)('vgdb', [`--pid=${pid}`, prefix, ...command], { timeout: ASK_TIMEOUT_MS, signal });
    } catch (error) {
      signal.throwIfAborted();
      throw runError(`valgrind did not respond to ${command.join(' ')}: ${reasonOf(error)}`, 'run it again');
    }
  };
  return {
    program: {
      under: [valgrind, '--tool=callgrind', '--quiet', '--instr-atstart=no', `--callgrind-out-file=${file}`, prefix],
      execArgv: DETERMINISTIC,
      startTimeoutMs: START_TIMEOUT_MS,
      // The content of a cache depends on earlier runs.
      env: { NODE_DISABLE_COMPILE_CACHE: '1' },
    },
    begin: (pid) => ask(pid, ['instrumentation', 'on']),
    async take(pid) {
      await ask(pid, ['dump']);
      dumps++;
      return readInstructions(`${file}.${dumps}`);
    },
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function reasonOf(error: unknown): string {
  const said = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr).trim() : '';
  return said.split('\n').at(-1)?.slice(0, 200) || messageOf(error);
}

function readInstructions(path: string): number {
  let count: number | null = null;
  try {
    count = instructionsIn(readFileSync(path, 'utf8'));
  } catch {
    // Handled below: a missing file and an empty one have the same cause.
  }
  if (count === null) throw runError('valgrind wrote no count of instructions', 'use version 3.15 or later');
  return count;
}

/**
 * The instruction count in a callgrind file (its manual, "Callgrind Format Specification"): the cost of the event
 * `Ir` in the line `summary`, or in older versions `totals`. Pure.
 */
export function instructionsIn(text: string): number | null {
  const events = /^events: (.+)$/m.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
  const costs = /^(?:summary|totals): (.+)$/m.exec(text)?.[1]?.trim().split(/\s+/) ?? [];
  const cost = costs[events.indexOf('Ir')];
  return cost !== undefined && /^\d+$/.test(cost) ? Number(cost) : null;
}
