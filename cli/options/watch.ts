/** The flags of `npm run watch`, and the resulting options. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { allowedCores } from '../../bench/processes/cores.ts';
import type { FlagTable, Invocation } from '../command.ts';
import { readInteger, readSeconds } from '../parse/values.ts';
import { CORES, readCores } from './cores.ts';

const USUAL_PORT = 4780;

export const WATCH_FLAGS = {
  port: {
    value: 'N',
    help: `Serve the page on this port of 127.0.0.1; 0 uses any free one (default: ${USUAL_PORT}).`,
  },
  every: {
    value: 'TIME',
    help: 'Recompute the figures this often (default: as often as takes less than 5 % of a core).',
  },
  cores: {
    ...CORES,
    help: 'Run on these cores, such as 0-3,6 (default: not on the core that a run reserves, if there is another).',
  },
} as const satisfies FlagTable;

export interface WatchFlags {
  /** Null follows the run in results/ that was written last. */
  readonly directory: string | null;
  readonly port: number;
  readonly everySeconds: number | null;
  readonly cores: readonly number[] | null;
}

export function readWatchOptions({ values, positionals, faults }: Invocation): WatchFlags {
  const [given] = positionals;
  const directory = given === undefined ? null : resolve(given);
  // A folder may be created later; a file in its place will not become one.
  if (directory !== null && statSync(directory, { throwIfNoEntry: false })?.isDirectory() === false)
    faults.push(`${JSON.stringify(given)} is not a folder: give the folder of a run, such as results/latest`);
  return {
    directory,
    port: values.port === undefined ? USUAL_PORT : (readInteger('port', values.port, 0, 65_535, faults) ?? 0),
    everySeconds: values.every === undefined ? null : readSeconds('every', values.every, faults),
    cores: readCores(values.cores, allowedCores(), faults),
  };
}
