/** The class of this machine, as in a history: comparisons within one class are comparable. */
import { arch, cpus, totalmem, type } from 'node:os';
import { readMemoryLimit } from '../bench/processes/groups/group-limits.ts';
import { readUsableCores } from '../bench/processes/usable-cores.ts';
import { machineClassOf } from '../core/results/history/machine-class.ts';

/** A comparison gives its servers no CPU shares. */
export function machineClassHere(): string {
  const { count, usable, quota } = readUsableCores();
  return machineClassOf({
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    cores: count,
    cpu: { usable, quota },
    memoryBytes: totalmem(),
    memoryLimitBytes: readMemoryLimit(),
    platform: `${type()} ${arch()}`,
    node: process.version,
    cpuShares: 'none',
  });
}
