/** The flag `--cores`: which cores the command, and all that it starts, may run on. */
import { confine, parseCpuList } from '../../bench/processes/cores.ts';
import { environmentError } from '../../core/errors.ts';
import type { Faults } from '../command.ts';

export const CORES = {
  value: 'LIST',
  help: 'Run on these cores, such as 0-3,6 (default: all that the process may use; if they are of several kinds, the fastest).',
};

const LIST = /^\d+(-\d+)?(,\d+(-\d+)?)*$/;

/**
 * @param allowed the cores that this process may run on; empty if unknown @returns null if the flag is absent or
 * invalid
 */
export function readCores(text: string | undefined, allowed: readonly number[], faults: Faults): number[] | null {
  if (text === undefined) return null;
  const wrong = (why: string) => {
    faults.push(`--cores: ${JSON.stringify(text)} ${why}`);
    return null;
  };
  if (!LIST.test(text.trim())) return wrong('must be a list such as 0-3,6');
  if (allowed.length === 0) return wrong('cannot be used: this system does not say which cores a process may run on');
  const bounds = text.split(/[-,]/).map(Number);
  // Checked by bounds, so that a range of a billion cores is not enumerated.
  if (bounds.some((core) => !allowed.includes(core))) return wrong(notAllowed(allowed));
  const cores = [...new Set(parseCpuList(text))].toSorted((a, b) => a - b);
  if (cores.length === 0) return wrong('names no core: write the smaller number of a range first');
  return cores.every((core) => allowed.includes(core)) ? cores : wrong(notAllowed(allowed));
}

const notAllowed = (allowed: readonly number[]) =>
  `has cores that this process may not use: choose from ${allowed.join(',')}`;

/**
 * Pins this process, and everything that it starts later, to these cores. @throws TollgateError (environment) if that
 * is not possible
 */
export function useCores(cores: readonly number[] | null): void {
  if (cores === null || confine(process.pid, cores)) return;
  throw environmentError('--cores: taskset cannot pin this process', 'install util-linux, or leave --cores out');
}
