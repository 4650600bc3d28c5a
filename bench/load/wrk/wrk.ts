/**
 * Closed-loop load by wrk, a generator in C that shares no code with our own. Credentials are in a script that only
 * its owner can read, in a folder that is removed when wrk exits, because arguments are visible to every user.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runError } from '../../../core/errors.ts';
import { allowedCores, pinnableCores } from '../../processes/cores.ts';
import { authorityOf } from '../connection/authority.ts';
import { requestBytes } from '../connection/request.ts';
import { elapsed } from '../elapsed.ts';
import { LoadAccount } from '../load-account.ts';
import type { Target } from '../protocol.ts';
import type { Tally } from '../replies.ts';
import { Counts, readProcesses } from '../tally.ts';
import { startWrk } from './program.ts';
import { readReport, wrkScript } from './script.ts';

const TIMEOUT_SECONDS = 10;

export interface WrkOptions {
  /** The total number of connections; at least one for each address. */
  readonly connections: number;
  /** Whole seconds, because wrk accepts no others. */
  readonly seconds: number;
  /** A process whose cores wrk shares: the generator that it replaces. */
  readonly beside: number;
  /** Called with the process, and `watchDirectory` with its folder, so that neither outlives the run. */
  readonly watch: (child: ChildProcess) => void;
  readonly watchDirectory: (path: string) => void;
  readonly signal: AbortSignal;
}

/** Every response from the first to the last is counted, and connecting is part of the time. */
export async function wrkSlice(target: Target, options: WrkOptions): Promise<Tally> {
  options.signal.throwIfAborted();
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-wrk-'));
  options.watchDirectory(folder);
  const account = await LoadAccount.begin(target.processes);
  try {
    const script = join(folder, 'requests.lua');
    writeFileSync(script, wrkScript(target), { mode: 0o600 });
    const fromMs = performance.now();
    const { output, cores } = await run(script, target, options);
    const report = readReport(output);
    if (report === null) throw runError('wrk printed no report', 'check that it works: npm run bench:wrk');
    const { requests, durationMs, bytes, refused, failed } = report;
    const counts = new Counts();
    Object.assign(counts, { requests, unexpected: refused, failed, responseBytes: bytes });
    counts.requestBytes = requests * meanBytes(target);
    const self = { cpuNs: cores * durationMs * 1e6, busy: cores / target.addresses.length };
    return await account.tally(target.key, { fromMs, toMs: fromMs + durationMs, counts, self }, requests);
  } finally {
    account.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function meanBytes({ addresses, requests }: Target): number {
  const sizes = addresses.flatMap((address) => requests.map((request) => requestBytes(address, request).length));
  return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
}

/** @returns its output, and how many cores it kept busy */
async function run(
  script: string,
  { addresses, key }: Target,
  { connections, seconds, beside, watch, signal }: WrkOptions,
): Promise<{ readonly output: string; readonly cores: number }> {
  const [first] = addresses;
  if (first === undefined) throw new Error(`target ${key} has no address`);
  const scheme = first.certificate === undefined ? 'http' : 'https';
  const args = [
    `--threads=${addresses.length}`,
    `--connections=${connections}`,
    `--duration=${seconds}s`,
    `--timeout=${TIMEOUT_SECONDS}s`,
    `--script=${script}`,
    `${scheme}://${authorityOf(first)}`,
  ];
  const cores = pinnableCores().length === 0 ? [] : allowedCores('/', beside);
  const { child, output } = startWrk({ args, seconds, cores, signal });
  watch(child);
  const busy = await busyCores(child, seconds);
  return { output: await output, cores: busy };
}

/**
 * Cores used in the middle half of its time, since the account is gone when the process exits. 0 if it cannot be
 * read.
 */
async function busyCores({ pid }: ChildProcess, seconds: number): Promise<number> {
  if (pid === undefined) return 0;
  await elapsed(seconds * 250);
  const before = readProcesses({ replicas: [pid], redis: null });
  await elapsed(seconds * 500);
  const after = readProcesses({ replicas: [pid], redis: null });
  const [startNs = null] = before.replicaNs;
  const [endNs = null] = after.replicaNs;
  return startNs === null || endNs === null ? 0 : (endNs - startNs) / ((after.atMs - before.atMs) * 1e6);
}
