/** The cost of a command, which runs as a separate process and reports it at its exit. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { mostInformativeLine } from '../../bench/processes/ending.ts';
import { runError } from '../../core/errors.ts';
import { checker } from '../../core/results/validate.ts';
import { Type } from '../../core/schema.ts';

const Cost = Type.Object({ cpuSeconds: Type.Number(), peakRssBytes: Type.Number() }, { additionalProperties: false });

export interface Cost {
  /** User and system, of all threads: the machine may be shared. */
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
}

const checkCost = checker(Cost);
const COMMAND_LINE = fileURLToPath(new URL('../start.js', import.meta.url));
const OWN_COST = new URL('./own-cost.ts', import.meta.url).href;

interface CostOptions {
  readonly withinMs?: number;
  /** The Node that runs it. */
  readonly execPath?: string;
}

/**
 * @param args of the command line, such as `['report', 'results/latest']`
 * @throws TollgateError if the command fails or takes longer than `withinMs`; the signal's reason if it is aborted
 */
export const costOf = (args: readonly string[], signal: AbortSignal, options?: CostOptions): Promise<Cost> =>
  costOfNode([COMMAND_LINE, ...args], args[0] ?? '', signal, options);

/**
 * @param args of Node: a script, and what it is given
 * @param name tells an error of it
 * @throws as `costOf`
 */
export async function costOfNode(
  args: readonly string[],
  name: string,
  signal: AbortSignal,
  { withinMs = 900_000, execPath = process.execPath }: CostOptions = {},
): Promise<Cost> {
  const child = spawn(execPath, ['--import', OWN_COST, ...args], {
    ...{ stdio: ['ignore', 'ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL', timeout: withinMs },
  });
  const ended = once(child, 'close').catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
  const [told, stderr, [code, killedBy]] = await Promise.all([
    text(child.stdio[3] as Readable),
    text(child.stdio[2] as Readable),
    ended,
  ]);
  const cost = code === 0 ? checkCost(JSON.parse(told)) : null;
  if (cost?.ok) return cost.value;
  // The command line of Tollgate names a fault in one line.
  const why = /^tollgate: .+/m.exec(stderr)?.[0] || mostInformativeLine(stderr) || `it ended with ${killedBy ?? code}`;
  throw runError(`${name} failed: ${why}`, 'run it alone to see why');
}
