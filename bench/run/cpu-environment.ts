/** The cores of a run as its metadata records them, and what they mean for its figures. */
import { release } from 'node:os';
import type { Flag } from '../../core/results/flags.ts';
import type { Environment } from '../../core/results/recorded/environment.ts';
import { confine, formatCpuList } from '../processes/cores.ts';
import {
  type CoreKind,
  clientPolls,
  hasIrqTimeAccounting,
  readUsableCores,
  type UsableCores,
} from '../processes/usable-cores.ts';

export type CpuEnvironment = NonNullable<Environment['cpu']>;

/** A run whose control group allows all of the machine's memory is not limited. Pure. */
export function memoryFlags(limitBytes: number | null, memoryBytes: number): Flag[] {
  return limitBytes !== null && limitBytes < memoryBytes ? ['memory-limit'] : [];
}

/** Flags of a whole run that follow from its cores. Pure. */
export function coreFlags(cores: Pick<UsableCores, 'count' | 'quota' | 'usable' | 'kinds'>): Flag[] {
  const { count, quota, kinds } = cores;
  const flags: Flag[] = [];
  if (count === 1) flags.push('one-core');
  else if (!clientPolls(cores)) flags.push('client-sleeps');
  if (quota !== null && quota < count) flags.push('cpu-quota');
  if (kinds.length > 1) flags.push('unequal-cores');
  return flags;
}

/**
 * The kind of cores that a run should use if there are several: the fastest that has a core for the load and one for the
 * servers. Pure.
 *
 * @returns null if all cores are alike, or no kind has two
 */
export function kindToUse(kinds: readonly CoreKind[]): CoreKind | null {
  return kinds.length < 2 ? null : (kinds.find(({ cores }) => cores.length > 1) ?? null);
}

/**
 * Restricts this process, and everything that it starts, to cores of one kind.
 *
 * @returns a note on what was done; null if nothing was necessary, or it is not permitted
 */
export function pinToOneCoreKind(): string | null {
  const { kinds } = readUsableCores();
  const chosen = kindToUse(kinds);
  if (chosen === null || !confine(process.pid, chosen.cores)) return null;
  const all = kinds.map(({ name, cores }) => `${name} on ${formatCpuList(cores)}`).join('; ');
  return `The cores are of ${kinds.length} kinds (${all}). The run used only the fastest kind with at least two: ${chosen.name}.`;
}

/** @param accounts one line on the source of CPU times */
export function cpuEnvironment(accounts: string, cores = readUsableCores()): CpuEnvironment {
  return {
    usable: cores.usable,
    quota: cores.quota,
    kinds: cores.kinds.map((kind) => ({ name: kind.name, cores: formatCpuList(kind.cores) })),
    siblings: cores.siblings.map(formatCpuList),
    accounts,
    irqTimeAccounting: hasIrqTimeAccounting(release()),
    flags: coreFlags(cores),
  };
}
